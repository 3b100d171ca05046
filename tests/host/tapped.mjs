// A store whose steps a test can hold up, break or replace.

/**
 * A store that stands between a host and another store. `before(step)` is called ahead of every step of a transaction,
 * `commit` behind the last one; what they throw breaks it there. `up` stands for the plan's transforms in the memory store, `altered`
 * changes its statements in the others.
 */
export function tapped(store, { before = () => undefined, committed = () => undefined, up, altered } = {}) {
  const steps = (inner, more = {}) =>
    new Proxy(inner, {
      get(target, step) {
        const real = target[step];
        if (step in more) return more[step];
        if (typeof real !== "function") return real;
        return async (...args) => {
          await before(String(step), args);
          return real.apply(target, args);
        };
      },
    });
  const scratchOf = (scratch) => {
    if (up === undefined && altered === undefined) return scratch;
    let runs = 0;
    // The plan first, then what takes it back.
    const run = (statements, transform) => {
      const isUp = runs++ === 0;
      return scratch.run(
        isUp && altered !== undefined ? altered(statements) : statements,
        isUp && up !== undefined ? up : transform,
      );
    };
    return steps(scratch, { run });
  };
  return new Proxy(store, {
    get(target, name) {
      // Other hosts go on using it.
      if (name === "close") return async () => undefined;
      if (name !== "transaction") {
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async (work) => {
        const result = await target.transaction(async (tx) => {
          const scratch = async (type, selection, restores, then) => {
            await before("scratch", [type, selection]);
            return tx.migrations.scratch(type, selection, restores, (inner) => then(scratchOf(inner)));
          };
          const done = await work(steps(tx, { migrations: steps(tx.migrations, { scratch }) }));
          await before("commit", []);
          return done;
        });
        await committed();
        return result;
      };
    },
  });
}
