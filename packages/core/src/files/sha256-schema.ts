import { z } from 'zod';

export const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'a sha256 of 64 lower-case hex characters')
  .brand<'Sha256'>();
