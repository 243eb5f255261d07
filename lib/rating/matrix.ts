/** matrix += value·(e_i − e_j)(e_i − e_j)ᵀ, where an index ≥ n is the fixed model and has no row. */
export function addDifference(matrix: Float64Array, n: number, i: number, j: number, value: number): void {
  if (i < n) matrix[i * n + i] = (matrix[i * n + i] as number) + value;
  if (j < n) matrix[j * n + j] = (matrix[j * n + j] as number) + value;
  if (i < n && j < n) {
    matrix[i * n + j] = (matrix[i * n + j] as number) - value;
    matrix[j * n + i] = (matrix[j * n + i] as number) - value;
  }
}

/** C·A·C with C = I − 11ᵀ/m, for symmetric A, in place: the covariance of values shifted to mean zero. */
export function centreBoth(values: Float64Array, m: number): void {
  const mean = new Float64Array(m);
  let grand = 0;
  for (let row = 0; row < m; row++) {
    let sum = 0;
    for (let column = 0; column < m; column++) sum += values[row * m + column] as number;
    mean[row] = sum / m;
    grand += sum / (m * m);
  }
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < m; column++) {
      const at = row * m + column;
      values[at] = (values[at] as number) - ((mean[row] as number) + (mean[column] as number) - grand);
    }
  }
}
