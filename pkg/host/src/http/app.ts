/** The host's routes on Hono. Which there are, and what they take and give, stands in openapi.json. */
import { type Context, Hono } from "hono";
import { MisuseError } from "schema-senate";
import type { Host } from "../host.js";
import { Body, MIB, readBody } from "./body.js";
import { Contract, type Operation } from "./contract.js";
import { detailsOf, problem, refusalOf, Refusal, refuse } from "./problem.js";
import type { Reply, Route } from "./reply.js";
import { routes } from "./routes.js";
import { servePage } from "./static.js";

export interface AppOptions {
  /** Folder of the page's files. Default: none are served. */
  static?: string;
  /** Validate answers against openapi.json before they go out; a mismatch is a 500. Default false: tests do it. */
  validateAnswers?: boolean;
  /** Names that the Host header may have, to keep other sites' names that point here out. Default: any. */
  allowedHosts?: readonly string[];
}

const BODY_LIMIT = 8 * MIB;

export function createApp(host: Host, options: AppOptions = {}): Hono {
  const contract = new Contract();
  const app = new Hono();
  const known = routes(host, contract);
  const named = new Set(known.map((route) => route.operation));
  for (const { id } of contract.operations) {
    if (!named.has(id)) throw new TypeError(`No route serves operation ${id} of openapi.json.`);
  }

  app.use(async (context, next) => {
    const allowed = options.allowedHosts;
    if (allowed !== undefined && !allowed.includes(hostName(context.req.header("host")))) {
      return answer(context, refuse(421, "wrong_host", "This host does not answer under that name."));
    }
    await next();
    context.header("x-content-type-options", "nosniff");
    context.header("referrer-policy", "no-referrer");
  });

  for (const route of known) {
    const operation = contract.operation(route.operation);
    const serve = async (context: Context): Promise<Response> => {
      const response = await served(context, host, contract, route, operation);
      if (options.validateAnswers !== true) return response;
      const media = response.headers.get("content-type")?.split(";")[0] ?? "";
      if (media === "application/x-ndjson" || media === "text/event-stream") return response;
      const text = await response.clone().text();
      const wrong = contract.answerProblems(operation, response.status, media, text);
      if (wrong.length === 0) return response;
      const message = `The answer of ${operation.id} is not what openapi.json promises: ${wrong.slice(0, 5).join("; ")}`;
      host.logger.error(message);
      return answer(context, refuse(500, "answer_not_as_promised", message));
    };
    app.on(operation.method.toUpperCase(), operation.path.replaceAll(/\{(\w+)\}/g, ":$1"), serve);
  }

  if (options.static !== undefined) app.get("*", servePage(options.static));
  app.notFound((context) => answer(context, unknownRoute(context, contract)));
  app.onError((error, context) => answer(context, failed(error, host)));
  return app;
}

async function served(
  context: Context,
  host: Host,
  contract: Contract,
  route: Route,
  operation: Operation,
): Promise<Response> {
  try {
    const path = parameters(contract, operation, "path", context.req.param() as Record<string, string>);
    const query = parameters(contract, operation, "query", context.req.query());
    const text =
      operation.body === undefined ? undefined : await readBody(context, route.bodyLimit ?? BODY_LIMIT);
    if (text === undefined && operation.body?.required === true) {
      throw refuse(400, "body_missing", "The request has no body.");
    }
    let problems = text === undefined ? [] : contract.bodyProblems(operation, text);
    // Beyond the core's limits for one document, the core judges the command that the body becomes.
    if (route.bodyLimit !== undefined && problems.some(({ code }) => isBeyond(code))) problems = [];
    const unreadable = problems.find(({ code }) => code.startsWith("json_"));
    if (unreadable !== undefined) throw new Refusal([unreadable]);
    // Only an object can be taken apart and explained; for anything else the document has said it all.
    if (problems.length > 0 && text?.trimStart().startsWith("{") === true && route.explain !== undefined) {
      problems = await route.explain(new Body(text), problems);
    }
    if (problems.length > 0) throw new Refusal(problems, 422);
    return sent(
      context,
      await route.run({
        path,
        query,
        header: (name) => context.req.header(name),
        ...(text === undefined ? {} : { body: new Body(text) }),
      }),
    );
  } catch (error) {
    return answer(context, failed(error, host));
  }
}

/** Too large or too deep to be read as one document; a command, which holds several, may be larger and deeper. */
function isBeyond(code: string): boolean {
  return code === "json_too_large" || code === "json_too_deep";
}

export type Values = Readonly<Record<string, string | number>>;

/** Reads parameters by the document's own schemas: digits become an integer where it asks for one. */
function parameters(
  contract: Contract,
  operation: Operation,
  where: "path" | "query",
  given: Record<string, string>,
): Values {
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(given)) {
    const parameter = operation.parameters.find((one) => one.in === where && one.name === name);
    const isInteger = JSON.stringify(parameter?.schema ?? null).includes('"type":"integer"');
    values[name] = isInteger && /^\d{1,15}$/.test(value) ? Number(value) : value;
  }
  const problems = contract.parameterProblems(operation, where, values);
  if (problems.length === 0) return values;
  throw new Refusal(
    problems.map((found) =>
      problem(where === "query" ? "query_invalid" : "path_invalid", `In the ${where}: ${found.message}`, {
        pointer: found.pointer,
      }),
    ),
    where === "query" ? 400 : 404,
  );
}

function sent(context: Context, reply: Reply): Response {
  return context.newResponse(reply.body, reply.status ?? 200, {
    "content-type": reply.type ?? "application/json",
    "cache-control": "no-store",
    ...reply.headers,
  });
}

function answer(context: Context, refusal: Refusal): Response {
  const details = detailsOf(refusal, context.req.path);
  return new Response(JSON.stringify(details), {
    status: details.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...refusal.headers },
  });
}

/** The refusal in an error; a fault of the host goes to its log with its stack, and to the client without. */
function failed(error: unknown, host: Host): Refusal {
  const refusal = refusalOf(error);
  if (refusal !== undefined) return refusal;
  host.logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (error instanceof MisuseError && error.code === "core_fault") {
    const message = "The core broke on this request and has started anew. Nothing of it was stored.";
    return refuse(500, "core_fault", message);
  }
  return refuse(500, "host_fault", "The host has failed; its log says why.");
}

function unknownRoute(context: Context, contract: Contract): Refusal {
  const methods = contract.operations
    .filter(({ path }) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(context.req.path))
    .map(({ method }) => method.toUpperCase());
  if (methods.length === 0) return refuse(404, "route_unknown", `There is nothing at ${context.req.path}.`);
  return refuse(405, "method_not_allowed", `${context.req.path} takes ${methods.join(" and ")}.`, {
    headers: { allow: methods.join(", ") },
  });
}

function hostName(header: string | undefined): string {
  return (header ?? "").replace(/:\d+$/, "").toLowerCase();
}
