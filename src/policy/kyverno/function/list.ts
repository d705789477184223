import { type FunctionTable, functionTable } from '../../../lang/jmespath/function/declare.ts';
import { standardFunctions } from '../../../lang/jmespath/function/standard.ts';
import type { ImageNaming } from '../image-name.ts';
import { arithmeticFunctions } from './arithmetic.ts';
import { certificateFunctions } from './certificate.ts';
import { dataFunctions } from './data.ts';
import { imageFunctions } from './image.ts';
import { randomFunctions } from './random.ts';
import { regexFunctions } from './regex.ts';
import { textFunctions } from './text.ts';
import { timeFunctions } from './time.ts';
import { versionFunctions } from './version.ts';

/** The functions that expressions in Kyverno's policies may call; its own replace those of the specification. */
export function kyvernoFunctions(naming: ImageNaming): FunctionTable {
  return functionTable(
    standardFunctions,
    textFunctions,
    regexFunctions,
    arithmeticFunctions,
    timeFunctions,
    dataFunctions,
    imageFunctions(naming),
    randomFunctions,
    certificateFunctions,
    versionFunctions,
  );
}
