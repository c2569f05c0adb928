import { z } from 'zod';
import { datasetConfigSchema } from './dataset-config';
import { mlopsConfigSchema } from './mlops-config';
import { modelConfigSchema } from './model-config';

/** The JSON Schemas that editors complete and check by, by file name; made from the zod schemas. */
export function configJsonSchemas(): Record<string, object> {
  const options = { io: 'input', target: 'draft-7' } as const;
  return {
    'model.schema.json': z.toJSONSchema(modelConfigSchema, options),
    'dataset.schema.json': z.toJSONSchema(datasetConfigSchema, options),
    'mlops.schema.json': z.toJSONSchema(mlopsConfigSchema, options),
  };
}
