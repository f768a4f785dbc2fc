/** Reads the binary arrays of Plotly 6 and later: `{"dtype": "f8", "bdata": <Base64>, "shape"?: "2, 3"}`. */

export type NumberArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

const TYPES = {
  f8: Float64Array,
  f4: Float32Array,
  i4: Int32Array,
  u4: Uint32Array,
  i2: Int16Array,
  u2: Uint16Array,
  i1: Int8Array,
  u1: Uint8Array,
  u1c: Uint8ClampedArray,
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
} as const;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The numbers, in rows where there is a shape of two or three sides; null: not such an array, or too large. */
export function decoded(
  value: Readonly<Record<string, unknown>>,
  most: number,
): NumberArray | unknown[] | null {
  const { dtype, bdata, shape } = value;
  if (typeof dtype !== "string" || typeof bdata !== "string") return null;
  if (!Object.hasOwn(TYPES, dtype)) return null;
  const Type = TYPES[dtype as keyof typeof TYPES];
  if (bdata.length > most * Type.BYTES_PER_ELEMENT * 1.4 + 4 || !BASE64.test(bdata)) return null;
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(bdata), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
  if (bytes.length % Type.BYTES_PER_ELEMENT !== 0) return null;
  const numbers: NumberArray = new Type(bytes.buffer as ArrayBuffer);
  if (numbers.length > most) return null;
  if (shape === undefined || shape === null) return numbers;
  const sides = String(shape).split(",").map(Number);
  if (sides.length > 3 || sides.some((side) => !Number.isInteger(side) || side < 1)) return null;
  if (sides.reduce((product, side) => product * side, 1) !== numbers.length) return null;
  return inRows(numbers, sides);
}

function inRows(numbers: NumberArray, sides: readonly number[]): NumberArray | unknown[] {
  const [rows = 0, ...inner] = sides;
  if (inner.length === 0) return numbers;
  const length = numbers.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    inRows(numbers.subarray(row * length, (row + 1) * length), inner),
  );
}
