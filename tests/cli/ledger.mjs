/** A log's tree as RFC 6962 words it, slowly and by itself, and a host that shows whichever log a test wants. */
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leafHash = (text) => sha256(Buffer.of(0), text);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

/** The largest power of two below `n`. */
function split(n) {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function hashOf(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leafHash(leaves[0]);
  const k = split(leaves.length);
  return nodeHash(hashOf(leaves.slice(0, k)), hashOf(leaves.slice(k)));
}

function proofOf(m, leaves, whole = true) {
  const n = leaves.length;
  if (m === n) return whole ? [] : [hashOf(leaves)];
  const k = split(n);
  return m <= k
    ? [...proofOf(m, leaves.slice(0, k), whole), hashOf(leaves.slice(k))]
    : [...proofOf(m - k, leaves.slice(k), false), hashOf(leaves.slice(0, k))];
}

const text = (hash) => `sha256:${hash.toString("hex")}`;

export const root = (leaves) => text(hashOf(leaves));
export const consistency = (from, to, leaves) => proofOf(from, leaves.slice(0, to)).map(text);

export function newLogKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url");
  return { raw, text: `ed25519:${raw.toString("base64")}`, sign: (bytes) => sign(null, bytes, privateKey) };
}

/** A C2SP signed note of a checkpoint. */
export function noteOf(origin, leaves, key) {
  const body = `${origin}\n${leaves.length}\n${hashOf(leaves).toString("base64")}\n`;
  return signedNote(body, origin, key);
}

export function signedNote(body, name, key) {
  const id = sha256(`${name}\n`, Buffer.of(1), key.raw).subarray(0, 4);
  return `${body}\n— ${name} ${Buffer.concat([id, key.sign(Buffer.from(body))]).toString("base64")}\n`;
}

/**
 * A host with as much of the interface as signing needs. A test changes `leaves`, `key` or an answer, and reads in
 * `acts` what was delivered.
 */
export async function fakeHost(member, memberKey) {
  const host = {
    origin: "senate.test",
    key: newLogKey(),
    leaves: ["a", "b", "c"],
    nonce: 1,
    acts: [],
    /** Instead of what is true. */
    note: undefined,
    /** Called with every act; what it returns is the answer. */
    answer: () => ({ status: 200, body: { id: "01", status: "review", history: [], problems: [] } }),
  };
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url, "http://127.0.0.1");
      const send = (status, body, type = "application/json") => {
        response.writeHead(status, { "content-type": type });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
      };
      if (request.method === "POST") {
        const act = Buffer.concat(chunks).toString("utf8");
        host.acts.push({ path: pathname, text: act });
        const answer = host.answer(JSON.parse(act), host.acts.length);
        if (answer === "break") return request.socket.destroy();
        return send(answer.status, answer.body);
      }
      if (pathname === "/api/senate") return send(200, { origin: host.origin, log_key: host.key.text });
      if (pathname === "/api/senate/checkpoint")
        return send(200, host.note ?? noteOf(host.origin, host.leaves, host.key), "text/plain");
      if (pathname === `/api/senate/signing/${member}`) {
        return send(200, {
          instance: host.origin,
          member_id: member,
          key: memberKey.keyId,
          next_nonce: host.nonce,
          seen: { size: host.leaves.length, root: root(host.leaves) },
          ...host.signing,
        });
      }
      if (pathname === "/api/senate/log/consistency") {
        const [from, to] = [Number(searchParams.get("from")), Number(searchParams.get("to"))];
        if (host.broken) return send(500, { code: "host_fault", detail: "The host has failed." });
        if (from > to || to > host.leaves.length)
          return send(404, { code: "event_not_there", detail: "There is no such event." });
        return send(200, { from, to, proof: consistency(from, to, host.leaves) });
      }
      return send(404, { code: "route_unknown", detail: "There is nothing." });
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  host.url = `http://127.0.0.1:${server.address().port}`;
  host.stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return host;
}
