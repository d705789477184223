/** `IMPLEMENTOR` as vendors write it, and the name of what they build. First match wins. */
const products: readonly (readonly [RegExp, string])[] = [
  [/azul/i, 'zulu'],
  [/amazon/i, 'corretto'],
  [/adoptopenjdk/i, 'adoptopenjdk'],
  [/eclipse|adoptium|temurin/i, 'temurin'],
  [/bellsoft/i, 'liberica'],
  [/\bsap\b/i, 'sapmachine'],
  [/microsoft/i, 'microsoft-openjdk'],
  [/alibaba/i, 'dragonwell'],
  [/tencent/i, 'kona'],
  [/graalvm/i, 'graalvm'],
  [/\bibm\b|international business machines/i, 'semeru'],
  [/jetbrains/i, 'jetbrains-runtime'],
];

/**
 * The name of a Java runtime: that of its vendor's build, `oracle-jdk` for Oracle's commercial one, and `openjdk` for
 * the builds of distributions and of the project itself.
 */
export function runtimeName(release: ReadonlyMap<string, string>): string {
  const implementor = release.get('IMPLEMENTOR') ?? '';
  if (release.has('GRAALVM_VERSION')) return 'graalvm';
  const product = products.find(([vendor]) => vendor.test(implementor));
  if (product !== undefined) return product[1];
  return release.get('BUILD_TYPE') === 'commercial' ? 'oracle-jdk' : 'openjdk';
}
