import { cleanText } from '../report/text/clean-text.ts';
import { cosignFlags } from './cosign-flags.ts';
import { foreignCommands } from './foreign-commands.ts';
import { trivyFlags } from './trivy-flags.ts';

/**
 * One line of what commander says of a command line that it cannot read: `error: …`, a suggestion in parentheses on
 * a line of its own.
 */
export function describeUsageError(text: string): string {
  const [first = '', ...rest] = text.trim().split('\n');
  const last = rest.at(-1) ?? '';
  const suggestion = /^\(Did you mean .+\?\)$/.test(last) ? last : undefined;
  const said = [first, ...(suggestion === undefined ? rest : rest.slice(0, -1))].join(' ');
  const sentence = cleanText(said)
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    // The value may be a password, and logs of pipelines are read by many.
    .replace(/^(unknown option '[^=']+)=.*'$/, "$1'");
  const unknown = /^unknown option '(--[a-z0-9-]+)'$/.exec(sentence)?.[1] ?? '';
  const command = /^unknown command '([a-z0-9-]+)'$/.exec(sentence)?.[1] ?? '';
  const instead = trivyFlags.get(unknown) ?? cosignFlags.get(unknown) ?? foreignCommands.get(command);
  if (instead !== undefined) return `error COMMAND_LINE_INVALID: ${sentence}; ${instead}`;
  const hint = suggestion === undefined ? '' : ` (d${suggestion.slice(2)}`;
  return `error COMMAND_LINE_INVALID: ${sentence}${hint}; add --help for the options and examples`;
}
