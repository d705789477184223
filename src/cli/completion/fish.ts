import { everyCommandOf, namesOf } from '../outline/every-command.ts';
import type { CommandOutline } from '../outline/outline.ts';
import type { ValueShape } from '../outline/value-shape.ts';

/** The completion of fish, from 3.0 on, with what each thing does beside it. */
export function renderFish(program: CommandOutline): string {
  const commands = everyCommandOf(program);
  return `# fish completion for seaworthy, made by "seaworthy completion fish" from the program itself.
# seaworthy completion fish | source

# The flags of a command that a value follows.
function __seaworthy_takes
    switch "$argv"
${commands.flatMap(takesCase).join('\n')}
    end
end

# The commands below one.
function __seaworthy_below
    switch "$argv"
${commands.flatMap(belowCase).join('\n')}
    end
end

# Whether the command line stands at a command.
function __seaworthy_at
    set -l given (commandline -opc)
    set -l path ''
    set -l takes (__seaworthy_takes)
    set -l below (__seaworthy_below)
    set -l skip no
    for word in $given[2..-1]
        if test $skip = yes
            set skip no
        else if test "$word" = --
            break
        else if contains -- "$word" $takes
            set skip yes
        else if contains -- "$word" $below
            set path (string trim -- "$path $word")
            set takes (__seaworthy_takes $path)
            set below (__seaworthy_below $path)
        end
    end
    test "$path" = "$argv"
end

# Words with commas between them.
function __seaworthy_list
    set -l there (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    set -l before (string match -r '^.*,' -- $there)
    for word in $argv
        echo "$before$word"
    end
end

complete -c seaworthy -f
${commands.flatMap(commandLines).join('\n')}
`;
}

function takesCase({ path, options }: CommandOutline): string[] {
  const names = options.filter(({ shape }) => shape !== undefined).flatMap(namesOf);
  return names.length === 0 ? [] : [`        case ${quote(path.join(' '))}`, lines(names)];
}

function belowCase({ path, commands }: CommandOutline): string[] {
  return commands.length === 0
    ? []
    : [`        case ${quote(path.join(' '))}`, lines(commands.map((one) => one.path.at(-1) ?? ''))];
}

function lines(names: readonly string[]): string {
  return `            printf '%s\\n' ${names.join(' ')}`;
}

function commandLines({ path, commands, options, arguments: given }: CommandOutline): string[] {
  const at = `complete -c seaworthy -n ${quote(`__seaworthy_at ${path.join(' ')}`.trim())}`;
  const below = commands.map((one) => `${at} -a ${quote(one.path.at(-1) ?? '')} -d ${quote(one.description)}`);
  const flags = options.map((option) => {
    const { long, short, shape, description } = option;
    const names = [
      ...(short === undefined ? [] : ['-s', short.slice(1)]),
      ...(long === undefined ? [] : ['-l', long.slice(2)]),
    ];
    return [at, ...names, ...valueOf(shape), '-d', quote(description)].join(' ');
  });
  return [...below, ...flags, ...given.flatMap(({ shape }) => placeOf(at, shape))];
}

function valueOf(shape: ValueShape | undefined): string[] {
  if (shape === undefined) return [];
  if (shape.kind === 'other') return ['-x'];
  if (shape.kind === 'file') return ['-r', '-F'];
  if (shape.kind === 'folder') return ['-x', '-a', quote('(__fish_complete_directories)')];
  const words = shape.words.join(' ');
  if (shape.orFile) return ['-r', '-F', '-a', quote(words)];
  return ['-x', '-a', quote(shape.isList ? `(__seaworthy_list ${words})` : words)];
}

/** Fish offers the same at each place behind a command. */
function placeOf(at: string, shape: ValueShape): string[] {
  if (shape.kind === 'other') return [];
  if (shape.kind === 'file') return [`${at} -F`];
  if (shape.kind === 'folder') return [`${at} -a ${quote('(__fish_complete_directories)')}`];
  return [`${at} -a ${quote(shape.words.join(' '))}`];
}

/** Fish knows no more than these two in single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
