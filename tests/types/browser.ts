/** What only a page or a worker has. */
import { init } from "schema-senate";

export async function start(module: WebAssembly.Module, response: Response): Promise<void> {
  await init(module);
  await init(new Request("/schema_senate.wasm"));
  await init(response);
}
