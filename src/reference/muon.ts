/** Muon, float64: the momentum of a matrix, orthogonalised. */

/** What one step depends on. */
export interface MuonOptions {
  readonly learningRate: number;
  /** Share of the old momentum that stays. */
  readonly momentum: number;
  /** Decoupled decay λ. */
  readonly weightDecay: number;
  /** What the orthogonal matrix is multiplied by. */
  readonly scale: number;
}

/** Coefficients of the odd polynomial a·x + b·x³ + c·x⁵ that Jordan et al. (2024) found: steep at zero, and between 0.7 and 1.2 after some iterations. */
const [A, B, C] = [3.4445, -4.7750, 2.0315];

/**
 * The Newton-Schulz iteration over X [rows, columns], row by row: X ← X/‖X‖, then `iterations` times X ← X (A·I + B·XᵀX + C·(XᵀX)²), which brings
 * its singular values to about 1 and leaves its singular vectors.
 */
export function newtonSchulz(matrix: ArrayLike<number>, columns: number, iterations: number): Float64Array {
  const rows = matrix.length / columns;
  let norm = 0;
  for (let i = 0; i < matrix.length; i++) norm += matrix[i] ** 2;
  let x = Float64Array.from(matrix, (value) => norm > 0 ? value / Math.sqrt(norm) : 0);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const gram = new Float64Array(columns ** 2);
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j < columns; j++) gram[i * columns + j] += x[r * columns + i] * x[r * columns + j];
      }
    }
    const square = product(gram, gram, columns);
    const polynomial = gram.map((value, i) => (i % (columns + 1) === 0 ? A : 0) + B * value + C * square[i]);
    x = product(x, polynomial, columns);
  }
  return x;
}

/** left [rows, n] · right [n, n]. */
function product(left: Float64Array, right: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const result = new Float64Array(left.length);
  for (let r = 0; r < left.length / n; r++) {
    for (let k = 0; k < n; k++) {
      const value = left[r * n + k];
      for (let j = 0; j < n; j++) result[r * n + j] += value * right[k * n + j];
    }
  }
  return result;
}

/**
 * Changes `parameter` and `m` [rows, columns] in place: m ← βm + (1−β)g, θ ← θ − lr·(scale·NS(βm + (1−β)g) + λθ).
 * Source: Jordan et al. 2024 (Muon, with Nesterov's momentum), scaled as Liu et al. 2025 do.
 */
export function muonStep(
  parameter: Float64Array,
  gradient: ArrayLike<number>,
  m: Float64Array,
  columns: number,
  iterations: number,
  { learningRate, momentum, weightDecay, scale }: MuonOptions,
): void {
  const ahead = m.map((value, i) => {
    m[i] = momentum * value + (1 - momentum) * gradient[i];
    return momentum * m[i] + (1 - momentum) * gradient[i];
  });
  const direction = newtonSchulz(ahead, columns, iterations);
  for (let i = 0; i < parameter.length; i++) {
    parameter[i] -= learningRate * (scale * direction[i] + weightDecay * parameter[i]);
  }
}
