/** One schema of the usual kind, and documents of three sizes that are valid under it. Always the same. */

export const schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "experiment",
  type: "object",
  required: ["id", "title", "samples"],
  additionalProperties: false,
  properties: {
    id: { type: "string", pattern: "^[a-z0-9-]+$" },
    title: { type: "string", minLength: 1, maxLength: 200 },
    status: { enum: ["planned", "running", "done"] },
    tags: { type: "array", items: { type: "string" }, uniqueItems: true, maxItems: 20 },
    samples: { type: "array", items: { $ref: "#/$defs/sample" } },
  },
  $defs: {
    sample: {
      type: "object",
      required: ["name", "values"],
      additionalProperties: false,
      properties: {
        name: { type: "string" },
        batch: { type: "integer", minimum: 0 },
        values: { type: "array", items: { type: "number" }, maxItems: 1000 },
        note: { type: ["string", "null"] },
        source: {
          type: "object",
          properties: { lab: { type: "string" }, year: { type: "integer", minimum: 1900 } },
          required: ["lab"],
        },
      },
    },
  },
};

/** A document with so many samples, as text. */
function withSamples(count) {
  const samples = Array.from({ length: count }, (_, at) => ({
    name: `sample ${at}`,
    batch: at % 7,
    values: [at * 0.25, 1 / (at + 1), at],
    note: at % 3 === 0 ? null : `measured twice, day ${at}`,
    source: { lab: at % 2 === 0 ? "Zürich" : "Kyōto", year: 1990 + (at % 30) },
  }));
  return JSON.stringify({
    id: `exp-${count}`,
    title: `${count} samples`,
    status: "done",
    tags: ["a", "b"],
    samples,
  });
}

export const documents = { small: withSamples(2), "10 kB": withSamples(72), "260 kB": withSamples(1_830) };
