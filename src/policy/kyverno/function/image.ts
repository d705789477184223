import { isPrivateHost } from '../../../net/private-address.ts';
import { LangError } from '../../../lang/error.ts';
import { type JmespathFunction, valueFunction } from '../../../lang/jmespath/function/declare.ts';
import { formatKyvernoImage, type ImageNaming, parseKyvernoImage } from '../image-name.ts';

/** Functions of names of images and addresses. @param naming how the cluster makes names whole */
export function imageFunctions(naming: ImageNaming): readonly JmespathFunction[] {
  return [
    valueFunction('image_normalize', ['string'], ([text]) => {
      const image = parseKyvernoImage(text as string, naming);
      if (image !== undefined) return formatKyvernoImage(image);
      const shown = JSON.stringify((text as string).slice(0, 60));
      throw new LangError('EVALUATION', `image_normalize(): ${shown} is no name of an image`);
    }),
    valueFunction('is_external_url', ['string'], ([text]) => isExternal(text as string)),
  ];
}

/**
 * Whether an address is outside. Names are not resolved, unlike in Kyverno: a verdict must not depend on what a name server says at this
 * moment, so that they are an error and not "yes".
 */
function isExternal(text: string): boolean {
  let hostname: string;
  try {
    ({ hostname } = new URL(text));
  } catch (cause) {
    throw new LangError('EVALUATION', 'is_external_url(): this is no URL', { cause });
  }
  if (isPrivateHost(hostname)) return false;
  // A URL spells addresses in one way only.
  if (/^\[|^[\d.]+$/.test(hostname)) return true;
  const shown = hostname.slice(0, 60);
  throw new LangError('EVALUATION', `is_external_url(): the name ${shown} is not resolved; write its address`);
}
