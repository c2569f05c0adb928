import { formatPath } from '@nx-mlops/core';
import { z } from 'zod';
import { badRequest } from './protocol-error';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const requestTensor = z.object({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  datatype: z.string(),
  parameters: parameters.optional(),
  // Judged element by element against the model, which says where and what was expected.
  data: z.unknown().optional(),
});
export type RequestTensor = z.infer<typeof requestTensor>;

/** The body of an infer request. Unknown keys are passed over, as other servers of the protocol do. */
const inferRequestSchema = z.object({
  id: z.string().optional(),
  parameters: parameters.optional(),
  inputs: z.array(requestTensor).min(1),
  outputs: z.array(z.object({ name: z.string(), parameters: parameters.optional() })).optional(),
});
export type InferRequest = z.infer<typeof inferRequestSchema>;

/** @throws ProtocolError 400 with the path of the first key that is wrong */
export function parseInferRequest(body: unknown): InferRequest {
  const result = inferRequestSchema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = formatPath(issue?.path ?? []);
  throw badRequest(`${path === '' ? 'the body' : path}: ${issue?.message ?? 'not an infer request'}`);
}
