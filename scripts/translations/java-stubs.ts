// Signatures of the classes that generated Java sources use: the jsii runtime, Jackson and annotations. The signatures contain
// no implementation. They make it possible to compile the examples without the real classes from Maven.

const SIGNATURES: Readonly<Record<string, string>> = {
  'com.fasterxml.jackson.databind.JsonNode': `public class JsonNode {}`,
  'com.fasterxml.jackson.databind.ObjectMapper': `public class ObjectMapper { public <T extends JsonNode> T valueToTree(Object o) { return null; } }`,
  'com.fasterxml.jackson.databind.node.JsonNodeFactory': `public class JsonNodeFactory { public static final JsonNodeFactory instance = null; public ObjectNode objectNode() { return null; } }`,
  'com.fasterxml.jackson.databind.node.ObjectNode': `public class ObjectNode extends com.fasterxml.jackson.databind.JsonNode { public com.fasterxml.jackson.databind.JsonNode set(String a, com.fasterxml.jackson.databind.JsonNode b) { return null; } }`,
  'javax.annotation.Generated': `public @interface Generated { String[] value(); String date() default ""; }`,
  'org.jetbrains.annotations.NotNull': `import java.lang.annotation.*; @Target({ElementType.TYPE_USE,ElementType.METHOD,ElementType.PARAMETER}) public @interface NotNull {}`,
  'org.jetbrains.annotations.Nullable': `import java.lang.annotation.*; @Target({ElementType.TYPE_USE,ElementType.METHOD,ElementType.PARAMETER}) public @interface Nullable {}`,
  'software.amazon.jsii.Builder': `public interface Builder<T> { T build(); }`,
  'software.amazon.jsii.Configuration': `public class Configuration { public static boolean getRuntimeTypeChecking() { return true; } }`,
  'software.amazon.jsii.Internal': `public @interface Internal { }`,
  'software.amazon.jsii.Jsii': `public @interface Jsii { Class<?> module(); String fqn(); @interface Proxy { Class<?> value(); } }`,
  'software.amazon.jsii.JsiiEngine': `public class JsiiEngine { public static JsiiEngine getInstance() { return null; } public JsiiObjectRef createNewObject(JsiiObject o, Object... args) { return null; } }`,
  'software.amazon.jsii.JsiiModule': `import java.util.*; public abstract class JsiiModule { protected JsiiModule(String a, String b, Class<?> c, String d) {} protected JsiiModule(String a, String b, Class<?> c, String d, String e) {} public List<Class<? extends JsiiModule>> getDependencies() { return null; } protected abstract Class<?> resolveClass(String fqn) throws ClassNotFoundException; }`,
  'software.amazon.jsii.JsiiObject': `public class JsiiObject implements JsiiSerializable { public enum InitializationMode { JSII } protected JsiiObject(JsiiObjectRef r) {} protected JsiiObject(InitializationMode m) {} public static <T> T jsiiStaticCall(Class<?> c, String m, NativeType<T> t, Object... a) { return null; } public static <T> T jsiiStaticGet(Class<?> c, String p, NativeType<T> t) { return null; } public static void jsiiStaticSet(Class<?> c, String p, Object v) { } public final <T> T asInterfaceProxy(Class<? extends T> c) { return null; } }`,
  'software.amazon.jsii.JsiiObjectMapper': `public class JsiiObjectMapper { public static final com.fasterxml.jackson.databind.ObjectMapper INSTANCE = null; }`,
  'software.amazon.jsii.JsiiObjectRef': `public class JsiiObjectRef { }`,
  'software.amazon.jsii.JsiiSerializable': `public interface JsiiSerializable { default com.fasterxml.jackson.databind.JsonNode $jsii$toJson() { return null; } }`,
  'software.amazon.jsii.Kernel': `public class Kernel { public static <T> T get(Object o, String p, NativeType<T> t) { return null; } public static <T> T call(Object o, String p, NativeType<T> t, Object... a) { return null; } public static <T> java.util.concurrent.CompletableFuture<T> asyncCall(Object o, String p, NativeType<T> t, Object... a) { return null; } public static void set(Object o, String p, Object v) {} }`,
  'software.amazon.jsii.NativeType': `import java.util.*; public class NativeType<T> { public static final NativeType<Void> VOID = null; public static <T> NativeType<T> forClass(Class<T> c) { return null; } public static <T> NativeType<List<T>> listOf(NativeType<T> t) { return null; } public static <T> NativeType<Map<String,T>> mapOf(NativeType<T> t) { return null; } }`,
  'software.amazon.jsii.Optional': `public @interface Optional { }`,
  'software.amazon.jsii.Stability': `public @interface Stability { Level value(); enum Level { Deprecated, Experimental, External, Stable } }`,
  'software.amazon.jsii.UnsafeCast': `public class UnsafeCast { @SuppressWarnings("unchecked") public static <T> T unsafeCast(Object o, Class<T> c) { return (T) o; } }`,
};

/** Names and source texts of the classes. */
export const STUBS: readonly (readonly [name: string, text: string])[] = Object.entries(SIGNATURES).map(
  ([name, text]) => [name, `package ${name.slice(0, name.lastIndexOf('.'))};\n${text}\n`],
);
