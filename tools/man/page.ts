import type { CommandOutline, OptionOutline } from '../../src/cli/outline/outline.ts';
import { namesOf } from '../../src/cli/outline/every-command.ts';
import { exitStatus } from './exit-status.ts';
import { roffOf, sectionsOf } from './markdown.ts';
import { bold, inline, italic, item, plain, section } from './roff.ts';

/** What pages have in common. */
export interface ManualContext {
  readonly version: string;
  /** The text of docs/exit-codes.md. */
  readonly exitCodes: string;
  /** The text of docs/configuration.md. */
  readonly configuration: string;
}

/** The name of a command's page: `seaworthy-registry-serve`, as `man seaworthy-registry serve` finds it too. */
export function pageName(path: readonly string[]): string {
  return ['seaworthy', ...path].join('-');
}

/** One page of the first section of the manual. */
export function renderPage(command: CommandOutline, context: ManualContext): string {
  const { path, description, options, commands } = command;
  const name = pageName(path);
  const lines = [
    `.TH ${plain(name.toUpperCase())} 1 "" "seaworthy ${context.version}" "Seaworthy"`,
    ...section('NAME', [`${plain(name)} \\- ${plain(firstSentence(description))}`]),
    ...section('SYNOPSIS', [synopsis(command)]),
    ...section('DESCRIPTION', [plain(description)]),
    ...section(
      'ARGUMENTS',
      command.arguments
        .filter((one) => one.description !== '')
        .flatMap((one) => item(italic(one.term), plain(one.description))),
    ),
    ...section(
      'COMMANDS',
      commands.flatMap((one) =>
        item(bold(one.path.at(-1) ?? ''), `${plain(one.description)} See ${bold(pageName(one.path))}(1).`),
      ),
    ),
    ...section('OPTIONS', options.flatMap(optionItem)),
    ...section('EXIT STATUS', exitStatus(context.exitCodes, path)),
    ...(path.length === 0 ? wholeProgram(context) : []),
    ...section('EXAMPLES', exampleLines(command.epilogue)),
    ...section('SEE ALSO', [seeAlso(path)]),
  ];
  return `${lines.join('\n')}\n`;
}

function synopsis({ path, commands, arguments: given }: CommandOutline): string {
  const parts = [...path.map(bold), italic('[options]'), ...given.map(({ term }) => italic(term))];
  if (commands.length > 0) parts.push(italic('<command>'));
  return [bold('seaworthy'), ...parts].join(' ');
}

function optionItem(option: OptionOutline): readonly string[] {
  const names = namesOf(option).toReversed().map(bold).join(', ');
  const value = option.placeholder === undefined ? '' : ` ${italic(option.placeholder)}`;
  const { shape, variable } = option;
  const words =
    shape?.kind === 'words' && !shape.words.every((word) => option.description.includes(word))
      ? ` One of ${shape.words.join(', ')}.`
      : '';
  const also = variable === undefined ? '' : ` Variable: ${variable}.`;
  return item(`${names}${value}`, plain(`${sentence(option.description)}${words}${also}`));
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.:]$/.test(text) ? '' : '.'}`;
}

function firstSentence(text: string): string {
  return text.replace(/\.$/, '').replace(/^./, (letter) => letter.toLowerCase());
}

/** Help has them as `  # what` and `  $ line`. */
function exampleLines(epilogue: string): readonly string[] {
  return epilogue.split('\n').flatMap((line) => {
    const [, sign, text] = /^ {2}([#$]) (.*)$/.exec(line) ?? [];
    if (sign === '#') return item(plain(sentence(text ?? '')), '').slice(0, 2);
    return sign === '$' ? ['.nf', bold(text ?? ''), '.fi'] : [];
  });
}

function wholeProgram({ configuration }: ManualContext): readonly string[] {
  const others = sectionsOf(configuration).find(({ heading }) => heading === 'Variables of other programs');
  return [
    ...section('ENVIRONMENT', [
      ...item(
        bold('SEAWORTHY_…'),
        inline(
          'Each setting has a variable: the name of its flag in capitals, with `_` for `-`. Flags count more, and the settings file less.',
        ),
      ),
      ...item(bold('SEAWORTHY_PASSWORD'), plain('The password for --username, and of private keys.')),
      ...roffOf(others?.lines ?? []),
    ]),
    ...section('FILES', [
      ...item(italic('seaworthy.yaml'), plain('Settings, where the working folder has one, or as --config names it.')),
      ...item(
        italic('.trivyignore'),
        plain('Findings to set aside, in the working folder or as --ignorefile names it.'),
      ),
      ...item(
        italic('~/.cache/seaworthy'),
        plain('The vulnerability database, read layers, trusted roots, and compiled code.'),
      ),
      ...item(italic('~/.docker/config.json'), plain('Credentials for registries.')),
    ]),
  ];
}

function seeAlso(path: readonly string[]): string {
  const above = path.map((_, depth) => pageName(path.slice(0, depth)));
  return (path.length === 0 ? ['man', 'cosign'] : above).map((name) => `${bold(name)}(1)`).join(', ');
}
