import { z } from "zod";
import type { ModerationCategory } from "@/lib/protocol";
import type { ModeratedContent, Moderator } from "./types";

export type EndpointOptions = {
  /** Set by the operator in the environment; never anything that a visitor sends. */
  url: string;
  key: string | undefined;
  model: string;
  /** Whether it takes images, as data URLs in parts of the type `image_url`. */
  takesImages: boolean;
};

/** OpenAI's categories under ours; of several, the highest score counts. */
const categoryOf: Readonly<Record<string, ModerationCategory>> = {
  "self-harm": "self_harm",
  "self-harm/intent": "self_harm",
  "self-harm/instructions": "self_harm",
  "sexual/minors": "sexual_minors",
  sexual: "sexual",
  hate: "hate",
  "hate/threatening": "threat",
  "harassment/threatening": "threat",
  harassment: "harassment",
  violence: "violence",
  "violence/graphic": "violence",
  illicit: "illicit",
  "illicit/violent": "illicit",
};

const answerSchema = z.object({
  model: z.string().optional(),
  results: z.array(z.object({ category_scores: z.record(z.string(), z.number().min(0).max(1)) })).min(1),
});

/** An answer is some kilobytes; more is none. */
const maxAnswerBytes = 256 * 1024;

/** A text goes as it is, which every endpoint takes; an image as the one part of a list (API reference, "Create moderation"). */
function toInput(content: ModeratedContent) {
  return content.kind === "text" ? content.text : [{ type: "image_url", image_url: { url: content.url } }];
}

/** Any endpoint in the style of OpenAI's `POST /v1/moderations`. */
export function createEndpointModerator({ url, key, model, takesImages }: EndpointOptions): Moderator {
  return {
    name: "endpoint",
    version: model,
    takesImages,
    maxCharacters: null,
    async assess(content, signal) {
      const response = await fetch(url, {
        method: "POST",
        // A redirect could carry the key to another host.
        redirect: "error",
        headers: {
          "content-type": "application/json",
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify({ model, input: toInput(content) }),
        signal,
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw new Error(`The moderation endpoint answered ${response.status}.`);
      }
      const body = await readLimited(response);
      const scores = new Map<ModerationCategory, number>();
      for (const { category_scores } of answerSchema.parse(JSON.parse(body)).results) {
        for (const [name, score] of Object.entries(category_scores)) {
          const category = Object.hasOwn(categoryOf, name) ? (categoryOf[name] ?? "other") : "other";
          scores.set(category, Math.max(score, scores.get(category) ?? 0));
        }
      }
      return scores;
    },
  };
}

async function readLimited(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > maxAnswerBytes) throw new Error("The moderation endpoint's answer is too large.");
  }
  return text + decoder.decode();
}
