// @ts-check

/**
 * Thrown for misuse of the API only: what a document says is answered by value.
 */
export class MisuseError extends TypeError {
  /**
   * @param {import("./index.d.ts").MisuseError["code"]} code
   * @param {string} message
   * @param {unknown} [cause]
   */
  constructor(code, message, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "MisuseError";
    /** @readonly */
    this.code = code;
  }
}
