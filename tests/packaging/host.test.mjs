/** The host and the command line, packed and installed together. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pack, project, run } from "./project.mjs";

const workspaces = ["pkg/core", "pkg/host", "pkg/agent"];

test("the tarballs hold what is built, and no sources or tests", async () => {
  for (const workspace of ["pkg/host", "pkg/agent"]) {
    const { files } = await pack(workspace);
    const { main } = { main: files.filter((file) => file.startsWith("dist/") && file.endsWith(".js")) };
    assert.ok(main.length > 0, `${workspace}: nothing built`);
    const strange = files.filter((file) =>
      /(^|\/)(src|tests?|node_modules)\/|\.tsbuildinfo$|\.wasm$/.test(file),
    );
    assert.deepEqual(strange, [], workspace);
  }
});

test("senate runs where it is installed, on one core", async (t) => {
  const path = await project(t, {
    workspaces,
    files: {
      "old.json": '{"type":"string"}',
      "new.json": '{"type":["string","null"]}',
      "use.js": `
        import * as host from "schema-senate-host";
        import * as agent from "schema-senate-agent";
        import { canonicalize } from "schema-senate";
        console.log(JSON.stringify([Object.keys(host).length > 0, Object.keys(agent).length > 0, canonicalize("[1.0]").canonical]));`,
    },
  });
  assert.equal(await run(process.execPath, ["use.js"], { cwd: path }), '[true,true,"[1]"]\n');
  const senate = join(path, "node_modules", ".bin", process.platform === "win32" ? "senate.cmd" : "senate");
  const report = JSON.parse(
    await run(senate, ["check-compat", "old.json", "new.json", "--json"], { cwd: path }),
  );
  assert.equal((report.report ?? report).verdict, "compatible");
  assert.ok(
    !existsSync(join(path, "node_modules/schema-senate-host/node_modules/schema-senate")),
    "one core for all",
  );
});
