/** Every documented path has types. */
import * as plain from "schema-senate";
import * as web from "schema-senate/web";
import * as worker from "schema-senate/worker";

export const one: typeof plain = web;
export const other: typeof plain = worker;
