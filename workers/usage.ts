import { capabilitySchema } from "@/lib/protocol";
import { kvTypes } from "./engine/kv-types";
import { scenarioNames } from "./engine/mock";
import { dtypes } from "./engine/transformers/model-address";

/** What `npm run worker -- --help` prints. */
export const usage = `Usage: npm run worker -- <engine> [options]

Engines
  llama      a GGUF model, run here:   llama --model FILE.gguf
  transformers
             a small ONNX model:       transformers --model FOLDER
  attach     an engine elsewhere:      attach --url http://host:8000/v1
  mock       scripted answers:         mock --name NAME [--scenario plain]
  gpus       lists the GPUs that llama can use, and ends
  build      builds llama.cpp for this machine (minutes), which llama then uses:
             build [--for cpu|cuda|vulkan]; build --clear goes back to the prebuilt one

Options of every engine
  --name NAME            public name of the model (llama: from the file's name)
  --display-name TEXT    name that people read (llama: from the file)
  --organization TEXT    who made it (llama: from the file)
  --licence TEXT         its licence, best as an SPDX id (llama: from the file)
  --tag TEXT             a mark such as "demo"; may be repeated
  --slots N              requests answered at the same time (4)
  --context N            tokens that prompt and answer may have together (the model's own)
  --url URL              address that the controller is told (where the worker listens)
  --pool NAME            group of workers, to which keys can be restricted (default)
  --persona FILE         offers a further name: a role, a system prompt, defaults; may be repeated
  --help                 this text

llama
  --model [NAME=]FILE|hf:…
                         a GGUF file, or an address that is downloaded once and checked; may be repeated:
                         each further model has slots, a context and a cache of its own in the same process
  --gpu N|all|off        one GPU by its number; one process for each; the processor alone (all GPUs together)
  --gpu-layers N|max     layers on the GPU (as many as fit)
  --kv-type TYPE         of cached keys and values: ${kvTypes.join(", ")} (f16)
  --threads N            threads of a decode (by size; larger models are measured at load)
  --embeddings           offers /v1/embeddings, too, in a context of its own
  --lora [NAME=]FILE[:SCALE]
                         offers the model with this adapter as NAME, too; may be repeated;
                         MODEL:NAME=FILE for another model than the first

transformers
  --model FOLDER|hf:org/name[:DTYPE]
                         a folder with an ONNX model, or a repository that is downloaded once
  --dtype DTYPE          ${dtypes.join(", ")} (folder: the first of these that is there; hf: q8)
  --threads N            threads of a step (1 for a small file, else all cores)
  --embeddings           offers /v1/embeddings, too (a model that only embeds always does)

attach (vLLM, SGLang, llama-server, Ollama, TGI, any OpenAI-style API)
  --url URL              the engine's API, with its path
  --api-key-env NAME     variable of the environment that holds the engine's key
  --model UPSTREAM[=PUBLIC]
                         offers this model only, perhaps under another name; may be repeated
  --capability NAME      ${capabilitySchema.options.join(", ")} (what the engine tells); may be repeated
  --slots N              requests sent at the same time (what the engine tells)
  --direct               the controller calls the engine itself; only without a key and other names
  --worker-url URL       address that the controller is told (where the worker listens)

mock
  --scenario NAME        ${scenarioNames.join(", ")}
  --delay-ms N           wait before each piece, in place of the scenario's own
                         A prompt with [[mock:NAME]] chooses a scenario for itself.
  --vision               takes images, and begins its answer with what it was shown

Environment: ARENA_CONTROLLER_URL, ARENA_JOIN_TOKEN, ARENA_WORKER_HOST, ARENA_WORKER_PORT, ARENA_DRAIN_MS, ARENA_LOG_LEVEL.
`;
