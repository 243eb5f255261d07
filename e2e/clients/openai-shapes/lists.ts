import { constant, count, integer, list, nullable, number, object, string } from "./parts";

const model = object({ id: string, object: constant("model"), created: integer, owned_by: string });

/** Source: "The embedding object", "The model object", "Error codes". */
export const listShapes = {
  embeddingList: object({
    object: constant("list"),
    model: string,
    data: list(
      object({
        object: constant("embedding"),
        index: count,
        embedding: { anyOf: [list(number), string] },
      }),
    ),
    usage: object({ prompt_tokens: count, total_tokens: count }),
  }),
  model,
  modelList: object({ object: constant("list"), data: list(model) }),
  error: object({
    error: object({ message: string, type: string, param: nullable(string), code: nullable(string) }),
  }),
};
