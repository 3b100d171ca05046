/** What a certificate proves and what an audit found, in words. */
import type { AuditReport, CertificateReport } from "schema-senate";
import type { Terminal } from "./terminal.js";

export function certificateLines(report: CertificateReport, terminal: Terminal): string[] {
  void terminal;
  return [JSON.stringify(report, null, 2)];
}

export function auditLines(report: AuditReport, terminal: Terminal): string[] {
  void terminal;
  return [JSON.stringify(report, null, 2)];
}
