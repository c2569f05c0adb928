/** Names of variables whose value nobody should see. */
const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|PASSPHRASE|PASSWD|CREDENTIALS|_KEY|_KEY_ID|_PAT)$/i;
/** A shorter value would blot out ordinary words. Characters. */
const SHORTEST = 6;

/**
 * The text without values of variables that hold secrets, and without credentials in addresses. The checks do not print
 * them; messages of libraries and servers might.
 */
export function withoutSecrets(text: string, env: NodeJS.ProcessEnv): string {
  const values = Object.entries(env)
    .filter(([name]) => SECRET_NAME.test(name))
    // A key of several lines may be quoted in part.
    .flatMap(([, value = '']) => [value, ...value.split(/\r?\n/)])
    .map((value) => value.trim())
    .filter((value) => value.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  const hidden = values.reduce((rest, value) => rest.replaceAll(value, '***'), text);
  return hidden.replace(/(\w+:\/\/)[^\s/@]+@/g, '$1***@');
}
