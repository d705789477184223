import { joinedCertificates } from './debian-packages.ts';

/** Files that an installation would make: who there is, how names are looked up, and whom to trust. */
export function systemFiles(folder: string): readonly (readonly [path: string, text: string])[] {
  const certificates = joinedCertificates(folder);
  return [
    [
      'etc/passwd',
      'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
    ],
    ['etc/group', 'root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n'],
    ['etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'],
    ...(certificates === '' ? [] : [['etc/ssl/certs/ca-certificates.crt', certificates] as const]),
  ];
}
