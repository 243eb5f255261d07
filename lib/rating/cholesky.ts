/**
 * Dense symmetric linear algebra on row-major `Float64Array`s. Only lower triangles are read, so a caller fills half.
 * Loops run along rows, which is what keeps them fast without blocking at the sizes of a board (about 100 to 1000).
 */

/**
 * Cholesky factor L of a symmetric positive definite A = L·Lᵀ, written into the lower triangle of `factor`.
 * n³/3 floating point operations. `factor` may be `matrix` itself.
 *
 * @returns false when A is not numerically positive definite (a pivot ≤ 1e-13 of its diagonal entry); `factor` is
 * then undefined
 */
export function factorCholesky(matrix: Float64Array, n: number, factor: Float64Array): boolean {
  for (let row = 0; row < n; row++) {
    const rowStart = row * n;
    let column = 0;
    // Four columns at a time share the loads of this row and keep four sums in flight; a single sum would wait for
    // itself.
    for (; column + 4 <= row; column += 4) {
      const c0 = column * n;
      const c1 = c0 + n;
      const c2 = c1 + n;
      const c3 = c2 + n;
      let s0 = matrix[rowStart + column] as number;
      let s1 = matrix[rowStart + column + 1] as number;
      let s2 = matrix[rowStart + column + 2] as number;
      let s3 = matrix[rowStart + column + 3] as number;
      for (let k = 0; k < column; k++) {
        const value = factor[rowStart + k] as number;
        s0 -= value * (factor[c0 + k] as number);
        s1 -= value * (factor[c1 + k] as number);
        s2 -= value * (factor[c2 + k] as number);
        s3 -= value * (factor[c3 + k] as number);
      }
      const x0 = s0 / (factor[c0 + column] as number);
      s1 -= x0 * (factor[c1 + column] as number);
      const x1 = s1 / (factor[c1 + column + 1] as number);
      s2 -= x0 * (factor[c2 + column] as number) + x1 * (factor[c2 + column + 1] as number);
      const x2 = s2 / (factor[c2 + column + 2] as number);
      s3 -=
        x0 * (factor[c3 + column] as number) +
        x1 * (factor[c3 + column + 1] as number) +
        x2 * (factor[c3 + column + 2] as number);
      factor[rowStart + column] = x0;
      factor[rowStart + column + 1] = x1;
      factor[rowStart + column + 2] = x2;
      factor[rowStart + column + 3] = s3 / (factor[c3 + column + 3] as number);
    }
    for (; column < row; column++) {
      const columnStart = column * n;
      let sum = matrix[rowStart + column] as number;
      for (let k = 0; k < column; k++) {
        sum -= (factor[rowStart + k] as number) * (factor[columnStart + k] as number);
      }
      factor[rowStart + column] = sum / (factor[columnStart + column] as number);
    }
    const diagonal = matrix[rowStart + row] as number;
    let pivot = diagonal;
    for (let k = 0; k < row; k++) pivot -= (factor[rowStart + k] as number) ** 2;
    if (!(pivot > 1e-13 * diagonal)) return false;
    factor[rowStart + row] = Math.sqrt(pivot);
  }
  return true;
}

/**
 * The same for a positive semidefinite A (a covariance that may be flat in some direction): a column whose pivot is
 * within rounding of zero becomes zero. L·Lᵀ = A still holds up to rounding.
 */
export function factorSemidefinite(matrix: Float64Array, n: number): Float64Array {
  const factor = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    const columnStart = column * n;
    let pivot = matrix[columnStart + column] as number;
    const least = 1e-12 * Math.abs(pivot);
    for (let k = 0; k < column; k++) pivot -= (factor[columnStart + k] as number) ** 2;
    if (!(pivot > least)) continue;
    const root = Math.sqrt(pivot);
    factor[columnStart + column] = root;
    for (let row = column + 1; row < n; row++) {
      let sum = matrix[row * n + column] as number;
      for (let k = 0; k < column; k++) {
        sum -= (factor[row * n + k] as number) * (factor[columnStart + k] as number);
      }
      factor[row * n + column] = sum / root;
    }
  }
  return factor;
}

/** Solves L·Lᵀ·x = b; `x` may be `b`. */
export function solveCholesky(factor: Float64Array, n: number, b: Float64Array, x: Float64Array): void {
  for (let row = 0; row < n; row++) {
    let sum = b[row] as number;
    for (let k = 0; k < row; k++) sum -= (factor[row * n + k] as number) * (x[k] as number);
    x[row] = sum / (factor[row * n + row] as number);
  }
  for (let row = n - 1; row >= 0; row--) {
    const value = (x[row] as number) / (factor[row * n + row] as number);
    x[row] = value;
    for (let k = 0; k < row; k++) x[k] = (x[k] as number) - (factor[row * n + k] as number) * value;
  }
}

/** The full inverse of A from its factor: A⁻¹ = Σ_r (row r of L⁻¹)ᵀ(row r of L⁻¹). About 2n³/3 operations. */
export function invertCholesky(factor: Float64Array, n: number): Float64Array {
  const lowerInverse = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    const rowStart = row * n;
    const scale = 1 / (factor[rowStart + row] as number);
    for (let k = 0; k < row; k++) {
      const weight = (factor[rowStart + k] as number) * -scale;
      const kStart = k * n;
      for (let column = 0; column <= k; column++) {
        lowerInverse[rowStart + column] =
          (lowerInverse[rowStart + column] as number) + weight * (lowerInverse[kStart + column] as number);
      }
    }
    lowerInverse[rowStart + row] = scale;
  }
  const inverse = new Float64Array(n * n);
  for (let r = 0; r < n; r++) {
    const rStart = r * n;
    for (let row = 0; row <= r; row++) {
      const weight = lowerInverse[rStart + row] as number;
      const rowStart = row * n;
      for (let column = 0; column <= row; column++) {
        inverse[rowStart + column] =
          (inverse[rowStart + column] as number) + weight * (lowerInverse[rStart + column] as number);
      }
    }
  }
  mirrorLower(inverse, n);
  return inverse;
}

/** A·B·A for symmetric A and B (both full): the sandwich. The result is exactly symmetric. */
export function sandwichProduct(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const half = new Float64Array(n * n);
  const result = new Float64Array(n * n);
  // B is symmetric, so rows of A times rows of B are A·B; likewise rows of A·B times rows of A are A·B·A.
  for (let row = 0; row < n; row++) multiplyRow(a, b, half, row, n, n);
  for (let row = 0; row < n; row++) multiplyRow(half, a, result, row, row + 1, n);
  mirrorLower(result, n);
  return result;
}

/** result[row][c] = Σ_k left[row][k]·right[c][k] for c < width: four sums in flight, as in the factor. */
function multiplyRow(
  left: Float64Array,
  right: Float64Array,
  result: Float64Array,
  row: number,
  width: number,
  n: number,
): void {
  const rowStart = row * n;
  let column = 0;
  for (; column + 4 <= width; column += 4) {
    const c0 = column * n;
    const c1 = c0 + n;
    const c2 = c1 + n;
    const c3 = c2 + n;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < n; k++) {
      const value = left[rowStart + k] as number;
      s0 += value * (right[c0 + k] as number);
      s1 += value * (right[c1 + k] as number);
      s2 += value * (right[c2 + k] as number);
      s3 += value * (right[c3 + k] as number);
    }
    result[rowStart + column] = s0;
    result[rowStart + column + 1] = s1;
    result[rowStart + column + 2] = s2;
    result[rowStart + column + 3] = s3;
  }
  for (; column < width; column++) {
    let sum = 0;
    for (let k = 0; k < n; k++) {
      sum += (left[rowStart + k] as number) * (right[column * n + k] as number);
    }
    result[rowStart + column] = sum;
  }
}

/** Copies the lower triangle to the upper one. */
export function mirrorLower(matrix: Float64Array, n: number): void {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < row; column++) {
      matrix[column * n + row] = matrix[row * n + column] as number;
    }
  }
}
