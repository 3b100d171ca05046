/** The built module, and copies of it that break on purpose. */
import { readFileSync } from "node:fs";

export const wasmFile = new URL("../../pkg/core/wasm/schema_senate.wasm", import.meta.url);
export const wasmBytes = () => new Uint8Array(readFileSync(wasmFile));

const UNREACHABLE = 0x00;
const NOP = 0x01;
const END = 0x0b;

/** The module with the bodies of these exports replaced by a trap. */
export function trapping(bytes, names) {
  const broken = bytes.slice();
  const { imported, exported, bodies } = read(broken);
  for (const name of names) {
    const body = bodies[exported.get(name) - imported];
    if (body === undefined) throw new Error(`the module does not export ${name}`);
    // No locals, a trap, and whatever follows is never reached.
    broken.fill(NOP, body.start, body.end);
    broken.set([0, UNREACHABLE], body.start);
    broken[body.end - 1] = END;
  }
  return broken;
}

/** As much of the binary format as that needs. */
function read(bytes) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  const name = () => {
    const length = number();
    at += length;
    return new TextDecoder().decode(bytes.subarray(at - length, at));
  };
  const limits = () => {
    const flags = number();
    number();
    if (flags & 1) number();
  };
  const importKinds = [number, () => (at++, limits()), limits, () => (at += 2), () => (at++, number())];
  const found = { imported: 0, exported: new Map(), bodies: [] };
  while (at < bytes.length) {
    const id = bytes[at++];
    const length = number();
    const end = at + length;
    if (id === 2) {
      for (let left = number(); left > 0; left--) {
        name();
        name();
        const kind = bytes[at++];
        if (kind === 0) found.imported += 1;
        importKinds[kind]();
      }
    } else if (id === 7) {
      for (let left = number(); left > 0; left--) {
        const exportName = name();
        const kind = bytes[at++];
        const index = number();
        if (kind === 0) found.exported.set(exportName, index);
      }
    } else if (id === 10) {
      for (let left = number(); left > 0; left--) {
        const size = number();
        found.bodies.push({ start: at, end: at + size });
        at += size;
      }
    }
    at = end;
  }
  return found;
}
