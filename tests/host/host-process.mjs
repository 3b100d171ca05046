// A host in a process of its own, for tests that kill it: `node host-process.mjs LOCATION MEMBERS LOG_KEY_FILE [hold]`. Says its address on a line.
import { openStore } from "schema-senate-host";
import { startHost } from "./stage.mjs";

/** A store in which a migration that has begun goes no further: it says so on a line and waits to be killed. */
function held(store) {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== "transaction") return typeof value === "function" ? value.bind(target) : value;
      return (work) =>
        target.transaction((tx) =>
          work(
            new Proxy(tx, {
              get(inner, step) {
                if (step !== "migrations") return inner[step]?.bind?.(inner) ?? inner[step];
                return new Proxy(inner.migrations, {
                  get(migrations, name) {
                    if (name !== "freeze") return migrations[name].bind(migrations);
                    return () => {
                      console.log("held");
                      return new Promise(() => undefined);
                    };
                  },
                });
              },
            }),
          ),
        );
    },
  });
}

const store = await openStore(process.argv[2]);
const senate = await startHost(process.argv[5] === "hold" ? held(store) : store, {
  // Keys in files: the next process goes on with them.
  logKey: process.argv[4] || undefined,
  development: true,
  members: JSON.parse(process.argv[3] ?? "null") ?? undefined,
  settleEveryMs: 50,
  ...(process.env.MIGRATION_WAIT_MS === undefined
    ? {}
    : { migrationWaitMs: Number(process.env.MIGRATION_WAIT_MS) }),
  policy: { live_per_proposer: 100 },
});
console.log(senate.url);
