/** What draws in three dimensions in this browser: a card, the processor in its place, or nothing. */
const PROCESSORS = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export function drawsWebGl(): "card" | "processor" | undefined {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return undefined;
  const named = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return PROCESSORS.test(name) ? "processor" : "card";
}
