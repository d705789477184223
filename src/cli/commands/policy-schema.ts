import type { JsonSchema } from '../../codec/yaml/json-schema.ts';
import { ConfigError } from '../config/error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** Schemas by the kinds of documents. */
const schemas: Readonly<Record<string, () => Promise<JsonSchema>>> = {
  ImagePolicy: async () => (await import('../../policy/seaworthy/image-policy/schema.ts')).imagePolicyJsonSchema(),
  Policy: async () => (await import('../../policy/seaworthy/document/schema.ts')).policyJsonSchema(),
};

/** `policy schema [KIND]`: prints the JSON Schema of policies, for editors. @throws ConfigError for a kind that there is not */
export async function policySchemaCommand(kind: string, { stdout }: Host): Promise<number> {
  const schema = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
  if (schema === undefined) {
    const known = Object.keys(schemas).join(' and ');
    throw new ConfigError('SETTING_INVALID', `There is no kind "${kind}" of policies; there are ${known}`);
  }
  await stdout.write(`${JSON.stringify(await schema(), undefined, 2)}\n`);
  return exitCode.ok;
}
