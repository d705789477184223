import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import type { ImageRegistryLookup } from '../document/policy/model.ts';
import { formatKyvernoImage, parseKyvernoImage } from '../image-name.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import type { LoadContext } from './compile-context.ts';
import { imageDataLookup } from './lookup.ts';
import { registryAccess } from './registry-access.ts';
import { compileView } from './view.ts';

/** What a registry says of an image. */
export function compileImageRegistry(
  { reference, jmesPath, imageRegistryCredentials }: ImageRegistryLookup,
  path: ConfigPath,
  compiler: RuleCompiler,
): LoadContext {
  const referenceOf = compiler.text(reference, [...path, 'reference'], 'reference of an image');
  const view = compileView(jmesPath, [...path, 'jmesPath'], compiler);
  const access = registryAccess(imageRegistryCredentials, [...path, 'imageRegistryCredentials'], compiler);
  return (scope) => {
    const image = parseKyvernoImage(referenceOf(scope.search), compiler.tools.settings.naming);
    if (image === undefined) throw new LangError('EVALUATION', 'The reference of imageRegistry is no name of an image');
    const name = formatKyvernoImage(image);
    const found = scope.judging.lookUp(imageDataLookup(name, access), `Image ${name}`);
    if (found === undefined) throw new LangError('EVALUATION', `Image ${name} is not there`);
    return view(found, scope);
  };
}
