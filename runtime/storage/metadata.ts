/** A name that is left whole by HTTP, where case is lost: the characters of a token (RFC 9110, section 5.6.2). */
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/**
 * Throws for names that would not come back as they were written: a mistake of the program, so that every store refuses
 * the same.
 *
 * @throws TypeError
 */
export function checkMetadataNames(metadata: Readonly<Record<string, string>>): void {
  const wrong = Object.keys(metadata).find((name) => !NAME.test(name));
  if (wrong === undefined) {
    return;
  }
  throw new TypeError(`metadata name ${JSON.stringify(wrong)}: use lower case letters, digits and - only`);
}
