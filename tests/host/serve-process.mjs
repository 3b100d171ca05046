// The example senate served as the command line does it, in a process of its own: `node serve-process.mjs FOLDER`.
import { createHost, openStore, seedExample, serve } from "schema-senate-host";

const host = await createHost({ store: await openStore(process.argv[2]), development: true });
await seedExample(host);
const server = await serve(host, { port: 0, signals: true });
console.log(server.url);
