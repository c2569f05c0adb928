import { z } from 'zod';

export const payloadType = 'application/vnd.in-toto+json';
const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** Standard base64 in its one canonical spelling, so that no two texts are the same bytes. */
const base64 = z
  .string()
  .min(1)
  .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'is no base64');

/** `model.sig`: a Sigstore bundle around a DSSE envelope, signed by a key. */
const signatureBundleSchema = z.strictObject({
  mediaType: z.literal(mediaType),
  verificationMaterial: z.strictObject({
    publicKey: z.strictObject({
      /** sha256 of the public key; see `SigningKey`. */
      hint: z.string().regex(/^[0-9a-f]{64}$/),
    }),
    /** A log of signatures is of the keyless method; by key there is none to look into. */
    tlogEntries: z.array(z.unknown()).optional(),
  }),
  dsseEnvelope: z.strictObject({
    payload: base64,
    payloadType: z.literal(payloadType),
    signatures: z.array(z.strictObject({ sig: base64, keyid: z.string().optional() })).length(1),
  }),
});
type SignatureBundle = z.infer<typeof signatureBundleSchema>;

export function bundleText(hint: string, payload: Buffer, signature: Buffer): string {
  const bundle: SignatureBundle = {
    mediaType,
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType,
      signatures: [{ sig: signature.toString('base64'), keyid: '' }],
    },
  };
  return JSON.stringify(bundle);
}

/** What a bundle holds, or undefined when it is none of the key method. */
export function parseBundle(
  text: string,
): { readonly hint: string; readonly payload: Buffer; readonly signature: Buffer } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = signatureBundleSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { verificationMaterial, dsseEnvelope } = parsed.data;
  const [signature] = dsseEnvelope.signatures as [{ sig: string }];
  return {
    hint: verificationMaterial.publicKey.hint,
    payload: Buffer.from(dsseEnvelope.payload, 'base64'),
    signature: Buffer.from(signature.sig, 'base64'),
  };
}

/** The bytes that are signed: DSSE v1's pre-authentication encoding of the payload. */
export function preAuthenticationEncoding(payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
