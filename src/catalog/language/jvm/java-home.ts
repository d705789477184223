/** How distributions, vendors, buildpacks and version managers name the folders that hold a Java runtime. */
const javaFolder = /java|jdk|jre|jvm|j9|zulu|corretto|temurin|liberica|sapmachine|dragonwell|semeru|graalvm|mandrel/i;

/** True when a folder on the way to `path` has a name that Java runtimes are installed under. */
export function looksLikeJavaHome(path: string): boolean {
  const slash = path.lastIndexOf('/');
  return slash > 0 && javaFolder.test(path.slice(0, slash));
}
