/** Raised when a change of the rules may change a decision on the same votes. */
export const rulesVersion = 2;
