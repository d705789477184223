import { parseTrivyIgnore } from './parse-trivy-ignore.ts';
import { parseTrivyIgnoreYaml } from './parse-trivy-ignore-yaml.ts';
import type { IgnoreRules } from './rules.ts';

/**
 * Reads an ignore file in the format that its name tells: YAML when it ends in `.yml` or `.yaml`, else the plain one
 * (aquasecurity/trivy, pkg/result/ignore.go, `ParseIgnoreFile`).
 *
 * @throws IgnoreError
 */
export async function parseIgnoreFile(text: string, name: string): Promise<IgnoreRules> {
  return /\.ya?ml$/.test(name) ? parseTrivyIgnoreYaml(text, name) : parseTrivyIgnore(text, name);
}
