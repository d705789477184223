import type { ApiRoute } from './api-route.ts';

const errorSchema = {
  type: 'object',
  required: ['errors'],
  properties: {
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['code', 'message'],
        properties: { code: { type: 'string' }, message: { type: 'string' }, detail: {} },
      },
    },
  },
} as const;

/** The document that describes the API (OpenAPI 3.1), made of the same table that the server answers by. */
export function openApiDocument(routes: readonly ApiRoute[], version: string): unknown {
  const paths = Object.fromEntries(routes.map((route) => [`/api/v1${route.path}`, { get: operation(route) }]));
  return {
    openapi: '3.1.0',
    info: { title: 'Seaworthy registry', version, description: 'What a registry holds, for consoles and scripts.' },
    security: [{}, { basic: [] }, { bearer: [] }],
    components: {
      securitySchemes: { basic: { type: 'http', scheme: 'basic' }, bearer: { type: 'http', scheme: 'bearer' } },
    },
    paths,
  };
}

function operation({ path, summary, parameters, query, answer }: ApiRoute): unknown {
  const parts = (place: 'path' | 'query', schemas: ApiRoute['query']): readonly unknown[] =>
    Object.entries(schemas).map(([name, { description, ...schema }]) => ({
      name,
      in: place,
      required: place === 'path',
      description,
      schema,
    }));
  const json = (schema: unknown): unknown => ({ 'application/json': { schema } });
  return {
    summary,
    operationId: path.replaceAll(/[{}]/g, '').replaceAll(/\/(\w)/g, (_, letter: string) => letter.toUpperCase()),
    parameters: [...parts('path', parameters), ...parts('query', query)],
    responses: {
      200: { description: 'What was asked for.', content: json(answer) },
      default: { description: 'Why not; codes as in the distribution specification.', content: json(errorSchema) },
    },
  };
}
