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
    for (let column = 0; column <= row; column++) {
      const columnStart = column * n;
      let sum = matrix[rowStart + column] as number;
      for (let k = 0; k < column; k++) {
        sum -= (factor[rowStart + k] as number) * (factor[columnStart + k] as number);
      }
      if (column < row) {
        factor[rowStart + column] = sum / (factor[columnStart + column] as number);
      } else {
        if (!(sum > 1e-13 * (matrix[rowStart + row] as number))) return false;
        factor[rowStart + row] = Math.sqrt(sum);
      }
    }
  }
  return true;
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
  for (let row = 0; row < n; row++) {
    const rowStart = row * n;
    for (let k = 0; k < n; k++) {
      const weight = a[rowStart + k] as number;
      const kStart = k * n;
      for (let column = 0; column < n; column++) {
        half[rowStart + column] =
          (half[rowStart + column] as number) + weight * (b[kStart + column] as number);
      }
    }
  }
  const result = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    const rowStart = row * n;
    for (let column = 0; column <= row; column++) {
      const columnStart = column * n;
      let sum = 0;
      for (let k = 0; k < n; k++) sum += (half[rowStart + k] as number) * (a[columnStart + k] as number);
      result[rowStart + column] = sum;
    }
  }
  mirrorLower(result, n);
  return result;
}

/** Copies the lower triangle to the upper one. */
export function mirrorLower(matrix: Float64Array, n: number): void {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < row; column++) {
      matrix[column * n + row] = matrix[row * n + column] as number;
    }
  }
}
