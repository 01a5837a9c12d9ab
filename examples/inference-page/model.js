/**
 * Loads a model that TensorFlow.js saved: `model.json` and the weight files beside it.
 *
 * @param {string | URL} url Of `model.json`.
 * @returns Model artifacts, as `compile` takes them.
 */
export async function loadModel(url) {
  const {modelTopology, weightsManifest} = await (await fetched(url)).json();
  const files = weightsManifest.flatMap(({paths}) => paths);
  return {
    modelTopology,
    weightSpecs: weightsManifest.flatMap(({weights}) => weights),
    weightData: await Promise.all(files.map(async file => (await fetched(new URL(file, url))).arrayBuffer())),
  };
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response;
}
