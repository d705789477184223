import { everyCommandOf, namesOf } from '../outline/every-command.ts';
import type { CommandOutline } from '../outline/outline.ts';
import { pathSchemes, type ValueShape } from '../outline/value-shape.ts';
import { quote } from './quote.ts';

/**
 * The completion of bash, from 3.2 on (macOS). Bash cuts words at `=` and `:` (`COMP_WORDBREAKS`), so they are put together first, and what is
 * offered is the last piece alone.
 */
export function renderBash(program: CommandOutline): string {
  const commands = everyCommandOf(program);
  return `# bash completion for seaworthy, made by "seaworthy completion bash" from the program itself.
# source <(seaworthy completion bash)

# What there is at a command: sets commands, flags, and those flags that a value follows.
_seaworthy_at() {
  commands='' flags='' takes=''
  case $1 in
${commands.map(commandCase).join('\n')}
  esac
}

# What a value is, of a flag or at a place: sets kind, words.
_seaworthy_value() {
  kind='' words=''
  case $1 in
${valueCases(commands).join('\n')}
  esac
}

_seaworthy_files() {
  local one
  while IFS= read -r one; do COMPREPLY+=("$3$one"); done < <(compgen "$1" -- "$2")
  type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
}

_seaworthy_words() {
  local one
  for one in $1; do [[ $one == "$2"* ]] && COMPREPLY+=("$3$one"); done
}

# Offers values: what it is a value of, what of it is there, and what stands before it in the same word of bash.
_seaworthy_offer() {
  local kind words value=$2 before=''
  _seaworthy_value "$1"
  case $kind in
  file)
    if [[ $value =~ ^(${pathSchemes.join('|')}): ]]; then
      [[ $COMP_WORDBREAKS == *:* ]] || before=\${BASH_REMATCH[0]}
      value=\${value#*:}
    fi
    _seaworthy_files -f "$value" "$3$before"
    ;;
  folder) _seaworthy_files -d "$value" "$3" ;;
  list)
    [[ $value == *,* ]] && before=\${value%,*},
    _seaworthy_words "$words" "\${value##*,}" "$3$before"
    ;;
  words) _seaworthy_words "$words" "$value" "$3" ;;
  words-or-file)
    if [[ $value == *=* ]]; then
      [[ $COMP_WORDBREAKS == *=* ]] || before=\${value%%=*}=
      _seaworthy_files -f "\${value#*=}" "$3$before"
    else
      _seaworthy_words "$words" "$value" "$3"
      _seaworthy_files -f "$value" "$3"
    fi
    ;;
  esac
}

_seaworthy() {
  local commands flags takes path='' word='' before='' index count=0 over='' isJoined=''
  local -a given
  COMPREPLY=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ $word == [=:]* && \${#given[@]} -gt 1 ]]; then
      given[\${#given[@]}-1]+=$word isJoined=1
    elif [[ $isJoined ]]; then
      given[\${#given[@]}-1]+=$word isJoined=''
    else
      given+=("$word")
    fi
  done
  local -r last=$((\${#given[@]} - 1))
  local -r current=\${given[last]}
  _seaworthy_at ''
  for ((index = 1; index < last; index++)); do
    word=\${given[index]}
    if [[ $over ]]; then
      ((count++))
    elif [[ $word == -- ]]; then
      over=1
    elif [[ $takes == *" $word "* ]]; then
      if ((index + 1 == last)); then
        _seaworthy_offer "$path $word" "$current" ''
        return
      fi
      ((index++))
    elif [[ $word == -* ]]; then
      continue
    elif [[ " $commands " == *" $word "* ]]; then
      path=\${path:+$path }$word
      _seaworthy_at "$path"
    else
      ((count++))
    fi
  done
  if [[ ! $over && $current == --*=* ]]; then
    [[ $COMP_WORDBREAKS == *=* ]] || before=\${current%%=*}=
    _seaworthy_offer "$path \${current%%=*}" "\${current#*=}" "$before"
  elif [[ ! $over && $current == -* ]]; then
    _seaworthy_words "$flags" "$current" ''
  elif [[ $commands ]]; then
    _seaworthy_words "$commands" "$current" ''
  else
    _seaworthy_offer "$path #$count" "$current" ''
  fi
}

complete -F _seaworthy seaworthy
`;
}

function commandCase({ path, commands, options }: CommandOutline): string {
  const taking = options.filter(({ shape }) => shape !== undefined).flatMap(namesOf);
  return [
    `  ${quote(path.join(' '))})`,
    ...(commands.length === 0 ? [] : [`    commands=${quote(commands.map((one) => one.path.at(-1)).join(' '))}`]),
    `    flags=${quote(options.flatMap(namesOf).join(' '))}`,
    ...(taking.length === 0 ? [] : [`    takes=${quote(` ${taking.join(' ')} `)}`]),
    '    ;;',
  ].join('\n');
}

/** Commands have many flags in common, so what is alike is one case. */
function valueCases(commands: readonly CommandOutline[]): string[] {
  const places = new Map<string, string[]>();
  const add = (shape: ValueShape | undefined, pattern: string): void => {
    const set = shape && settingOfShape(shape);
    if (set === undefined) return;
    const known = places.get(set);
    if (known === undefined) places.set(set, [pattern]);
    else known.push(pattern);
  };
  for (const { path, options, arguments: given } of commands) {
    const at = path.join(' ');
    for (const option of options) for (const name of namesOf(option)) add(option.shape, quote(`${at} ${name}`));
    given.forEach(({ shape, isVariadic }, place) =>
      add(shape, isVariadic ? `${quote(`${at} #`)}*` : quote(`${at} #${place}`)),
    );
  }
  return [...places].map(([set, patterns]) => `  ${patterns.join(' | ')})\n    ${set}\n    ;;`);
}

function settingOfShape(shape: ValueShape): string | undefined {
  if (shape.kind === 'other') return undefined;
  if (shape.kind !== 'words') return `kind=${shape.kind}`;
  const kind = shape.orFile ? 'words-or-file' : shape.isList ? 'list' : 'words';
  return `kind=${kind} words=${quote(shape.words.join(' '))}`;
}
