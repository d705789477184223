import type { EventEmitter } from 'node:events';
import type { Argument, Command, Help, Option } from 'commander';
import { settingOf, wordsOf } from '../config/flags.ts';
import { environmentName } from '../config/setting.ts';
import { type ValueShape, shapeOf } from './value-shape.ts';

/** One command as users see it: what shells complete and what the manual tells. Nothing in it is hidden from help. */
export interface CommandOutline {
  /** Its names below the program, outermost first: `['registry', 'serve']`; empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly arguments: readonly ArgumentOutline[];
  readonly options: readonly OptionOutline[];
  readonly commands: readonly CommandOutline[];
  /** The end of its help, where examples are: text as it is printed. */
  readonly epilogue: string;
}

/** What stands behind a command without dashes. */
export interface ArgumentOutline {
  /** As help writes it: `[image...]`. */
  readonly term: string;
  readonly description: string;
  readonly isVariadic: boolean;
  readonly shape: ValueShape;
}

/** A flag. */
export interface OptionOutline {
  /** With dashes: `--format`. */
  readonly long: string | undefined;
  /** With its dash: `-f`. */
  readonly short: string | undefined;
  /** As help writes its value: `<file>`; undefined for switches. */
  readonly placeholder: string | undefined;
  readonly description: string;
  /** Undefined for switches. */
  readonly shape: ValueShape | undefined;
  /** The variable that sets it too, where there is one. */
  readonly variable: string | undefined;
}

/** Reads a command, and all below it, off the program that parses command lines: so neither can be out of date. */
export function outlineOf(program: Command): CommandOutline {
  return describe(program, []);
}

function describe(command: Command, path: readonly string[]): CommandOutline {
  const help = command.createHelp();
  return {
    path,
    description: help.commandDescription(command),
    arguments: command.registeredArguments.map(argumentOutline),
    options: help.visibleOptions(command).map(optionOutline),
    commands: visibleCommands(command, help).map((one) => describe(one, [...path, one.name()])),
    epilogue: epilogueOf(command),
  };
}

/** Without `help`, which commander adds where there are commands, and which does what `--help` does. */
function visibleCommands(command: Command, help: Help): Command[] {
  return help.visibleCommands(command).filter((one) => command.commands.includes(one));
}

function argumentOutline(argument: Argument): ArgumentOutline {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return {
    term: argument.required ? `<${name}>` : `[${name}]`,
    description: argument.description,
    isVariadic: argument.variadic,
    shape: shapeOf(argument.name(), argument.argChoices && { words: argument.argChoices, isList: false }),
  };
}

function optionOutline(option: Option): OptionOutline {
  const placeholder = /[<[].+$/.exec(option.flags)?.[0];
  const setting = settingOf(option);
  return {
    long: option.long,
    short: option.short,
    placeholder,
    description: option.description,
    shape: placeholder === undefined ? undefined : shapeOf(placeholder.slice(1, -1), wordsOf(option)),
    variable: setting && environmentName(setting.flag),
  };
}

/** Help texts that were added are printed by listeners, so one is made to print and heard. */
function epilogueOf(command: Command): string {
  let text = '';
  // Its types leave out that a command is an emitter (commander, "Custom event listeners").
  (command as unknown as EventEmitter).emit('afterHelp', {
    error: false,
    command,
    write: (piece: string) => (text += piece),
  });
  return text.trim();
}
