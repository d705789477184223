import type { Attack } from './attack.ts';

const provider = 'src/admission/gatekeeper/serve/serve.test.ts';
const keys = 'src/admission/gatekeeper/judge/judge.test.ts';
const rules = 'src/admission/gatekeeper/judge/rules-about-image.test.ts';
const answer = 'src/admission/gatekeeper/gatekeeper.test.ts';
const rego = 'test/integration/gatekeeper-rego.test.ts';

/** What may go wrong between Gatekeeper and whoever provides it with data. */
export const providers: readonly Attack[] = [
  {
    id: 'answers',
    what: 'an answer of a provider that is empty, has holes, or is kept though it says nothing final',
    tests: [
      [provider, '`whatever the status over ${protocol}, the body says that there is no answer`'],
      [provider, 'whatever is sent, the answer is one of a provider, and nothing passes that was not judged'],
      [answer, 'what may be otherwise in a moment is an error of the system and no item'],
      [answer, 'each key has its item, in order, also when it is asked for twice'],
      [keys, 'a registry that cannot be asked is an error of the system, and nothing that is kept'],
      [keys, 'before policies were read nobody knows'],
      [rules, 'what could not be decided is not taken for met, though nobody looked at the image yet'],
      [rego, 'an answer that leaves an image out denies'],
    ],
  },
  {
    id: 'time',
    what: 'a batch that takes longer than Gatekeeper waits, which lets objects pass then',
    tests: [
      [provider, "`an answer comes before Gatekeeper's time is over, with what is known by then, over ${protocol}`"],
      [provider, '`a judge that hears nothing does not keep the answer over ${protocol}`'],
      [provider, 'only so many requests are answered at a time, and the others are told so'],
      [keys, 'five hundred keys of one image are one verification'],
    ],
  },
  {
    id: 'clients',
    what: 'somebody else who asks a provider, or an older TLS',
    tests: [
      [provider, '`only who has a certificate of the authority may ask over ${protocol}`'],
      [provider, '`nothing older than TLS 1.3 is spoken over ${protocol}, also with the next certificate`'],
      [provider, '`another authority counts from when its file has it over ${protocol}'],
      [provider, '`a certificate that ends while its connection lasts counts no more over ${protocol}`'],
      [provider, 'a file with authorities is needed where it is named'],
    ],
  },
];
