/** Our engine through its npm package: from the texts of the schemas to the report. */
import { checkCompatibility } from "schema-senate";
import { serve } from "./lines.mjs";

const check = ({ old, new: next, draft, references }) =>
  checkCompatibility(old, next, { draft, references: references ?? {} });

await serve(
  (question) => question,
  (question) => {
    const { report, problems } = check(question);
    if (report === undefined) {
      return { answer: "none", why: problems.map(({ code, message }) => `${code}: ${message}`).join("; ") };
    }
    const answer = report.verdict === "undecided" ? "none" : report.verdict;
    const witness = "witness" in report ? JSON.stringify(report.witness) : undefined;
    return { answer, why: report.reason, witness };
  },
);
