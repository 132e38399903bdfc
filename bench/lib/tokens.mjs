import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

/** Counts tokens with o200k_base, an encoding of OpenAI's models. Other tokenizers differ a little. */
export function tokensOf(text) {
  return countTokens(text);
}
