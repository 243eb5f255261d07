/** Writes the few messages of onnx.proto3 that a plain graph needs. Source: onnx/onnx.proto3 of ONNX 1.16 (IR version 10). */

export const elementTypes = { float: 1, int8: 3, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

export type Attribute = number | readonly number[];

const irVersion = 10;

/** A graph in the making: nodes in the order in which they run. */
export class OnnxGraph {
  readonly #nodes: Buffer[] = [];
  readonly #initializers: Buffer[] = [];
  readonly #inputs: Buffer[] = [];
  readonly #outputs: Buffer[] = [];
  #names = 0;

  /** Adds a node with one output, and gives the output's name. Numbers among the attributes are integers. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output = `${operator.toLowerCase()}_${this.#names++}`,
  ): string {
    this.#nodes.push(
      Buffer.concat([
        ...inputs.map((input) => text(1, input)),
        text(2, output),
        text(3, output),
        text(4, operator),
        ...Object.entries(attributes).map(([name, value]) => message(5, attribute(name, value))),
      ]),
    );
    return output;
  }

  /** Adds a constant, and gives its name. `data`: little-endian values. */
  constant(
    type: ElementType,
    shape: readonly number[],
    data: Uint8Array,
    name = `c_${this.#names++}`,
  ): string {
    this.#initializers.push(
      Buffer.concat([
        ...shape.map((size) => integer(1, size)),
        integer(2, elementTypes[type]),
        text(8, name),
        message(9, data),
      ]),
    );
    return name;
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.constant("int64", shape, new Uint8Array(data.buffer));
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant("float", shape, new Uint8Array(Float32Array.from(values).buffer));
  }

  input(name: string, type: ElementType, shape: readonly (string | number)[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: ElementType, shape: readonly (string | number)[]): void {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** The bytes of a `ModelProto`. */
  model(name: string, operatorSet: number): Buffer {
    const graph = Buffer.concat([
      ...this.#nodes.map((node) => message(1, node)),
      text(2, name),
      ...this.#initializers.map((initializer) => message(5, initializer)),
      ...this.#inputs.map((input) => message(11, input)),
      ...this.#outputs.map((output) => message(12, output)),
    ]);
    return Buffer.concat([
      integer(1, irVersion),
      text(2, "chat-arena"),
      message(7, graph),
      message(8, Buffer.concat([text(1, ""), integer(2, operatorSet)])),
    ]);
  }
}

function attribute(name: string, value: Attribute): Buffer {
  const isOne = typeof value === "number";
  return Buffer.concat([
    text(1, name),
    ...(isOne ? [integer(3, value)] : value.map((item) => integer(8, item))),
    // AttributeType: INT or INTS.
    integer(20, isOne ? 2 : 7),
  ]);
}

function valueInfo(name: string, type: ElementType, shape: readonly (string | number)[]): Buffer {
  const dimensions = shape.map((size) =>
    message(1, typeof size === "string" ? text(2, size) : integer(1, size)),
  );
  const tensor = Buffer.concat([integer(1, elementTypes[type]), message(2, Buffer.concat(dimensions))]);
  return Buffer.concat([text(1, name), message(2, message(1, tensor))]);
}

function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value));
}

function message(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(BigInt(field * 8 + 2)), varint(BigInt(bytes.length)), bytes]);
}

function integer(field: number, value: number): Buffer {
  // A negative number is its two's complement in 64 bits.
  return Buffer.concat([varint(BigInt(field * 8)), varint(BigInt.asUintN(64, BigInt(value)))]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
