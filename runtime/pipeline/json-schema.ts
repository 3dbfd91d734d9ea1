import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';

/**
 * Returns the JSON Schema of the values that a schema accepts. The build and the tests call this function. The bundles do not
 * contain it.
 *
 * The result omits checks that JSON Schema cannot express, such as the relation of two properties.
 */
export function jsonSchemaOf(schema: v.GenericSchema): Readonly<Record<string, unknown>> {
  return toJsonSchema(schema, {
    target: 'draft-2020-12',
    errorMode: 'ignore',
    // Some generators of API clients reject a schema with `const` but without `type`.
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      valibotSchema.type === 'literal' && 'literal' in valibotSchema
        ? { type: typeof valibotSchema.literal as 'string' | 'number', ...jsonSchema }
        : undefined,
  }) as Readonly<Record<string, unknown>>;
}
