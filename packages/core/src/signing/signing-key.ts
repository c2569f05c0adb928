import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { MlopsError, messageOf } from '../errors/mlops-error';

/** Curves of the specification, by OpenSSL's names, and the hash that goes with each. */
const hashes = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' } as const;

/** A key that signatures are made or verified with. */
export interface SigningKey {
  readonly key: KeyObject;
  /** Of the signature, by the size of the curve. */
  readonly hash: (typeof hashes)[keyof typeof hashes];
  /** sha256, in hex, of the public key as PEM (SubjectPublicKeyInfo): what a bundle names its key by. */
  readonly hint: string;
}

/**
 * @param pem of an EC private key, PKCS #8 or SEC 1, any line ends
 * @param passphrase of an encrypted one
 * @throws MlopsError MLOPS_SIGNING_KEY when it is no such key, of another curve, or the passphrase is wrong or missing
 */
export function parsePrivateKey(pem: string, passphrase?: string): SigningKey {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw badKey('the signing key is no private key in PEM form');
  }
  const isEncrypted = /ENCRYPTED/.test(pem);
  if (isEncrypted && (passphrase === undefined || passphrase === '')) {
    throw badKey('the signing key is encrypted, and no passphrase is given', 'Set MLOPS_SIGNING_PASSPHRASE.');
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem', ...(isEncrypted ? { passphrase } : {}) });
  } catch (error) {
    if (isEncrypted) {
      throw badKey(
        'the signing key cannot be decrypted',
        'Check MLOPS_SIGNING_PASSPHRASE, and that the key is whole.',
        error,
      );
    }
    throw badKey(`the signing key cannot be read (${messageOf(error)})`, undefined, error);
  }
  return checkedKey(key, createPublicKey(key), 'the signing key');
}

/**
 * @param pem of an EC public key (SubjectPublicKeyInfo), any line ends
 * @param where the key is from, for errors, such as its file
 * @throws MlopsError MLOPS_SIGNING_KEY when it is no such key or of another curve
 */
export function parsePublicKey(pem: string, where = 'the public key'): SigningKey {
  if (/PRIVATE KEY-----/.test(pem)) {
    throw badKey(
      `${where} is a private key`,
      'Give its public half (openssl pkey -in <private key> -pubout), and make a new pair where the private one was shared.',
    );
  }
  if (!pem.includes('-----BEGIN PUBLIC KEY-----')) throw badKey(`${where} is no public key in PEM form`);
  let key: KeyObject;
  try {
    key = createPublicKey({ key: pem, format: 'pem' });
  } catch (error) {
    throw badKey(`${where} cannot be read (${messageOf(error)})`, undefined, error);
  }
  return checkedKey(key, key, where);
}

function checkedKey(key: KeyObject, publicKey: KeyObject, where: string): SigningKey {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== 'ec') throw badKey(`${where} is of type ${type?.toUpperCase()}`);
  const curve = details?.namedCurve ?? 'without a name';
  if (!isSupported(curve)) throw badKey(`${where} is on the curve ${curve}`);
  // Exported anew, so that line ends and comments of the file do not matter.
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  return { key, hash: hashes[curve], hint: createHash('sha256').update(pem).digest('hex') };
}

function isSupported(curve: string): curve is keyof typeof hashes {
  return Object.hasOwn(hashes, curve);
}

function badKey(
  what: string,
  mend = 'Signatures are made with an EC key on P-256, P-384 or P-521, as PEM: openssl ecparam -name prime256v1 -genkey -noout makes one.',
  cause?: unknown,
): MlopsError {
  return new MlopsError('MLOPS_SIGNING_KEY', `${what}. ${mend}`, {}, { cause });
}
