"""Small folders in the layouts that companies use: random weights, a real tokenizer trained here, a real template. No library of theirs."""

from __future__ import annotations

import atexit
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from libs.common.store.storage import ArtifactStore
from services.model.service.arrivals import Arrivals
from tests.support.ram import ram_folder

CHATML = (
    "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou help.<|im_end|>\\n' }}{% endif %}"
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
HEADERS = (
    "{{- bos_token }}{% for message in messages %}"
    "{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"
)
BRACKETS = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system = messages[0]['content'] %}"
    "{% else %}{% set loop_messages = messages %}{% set system = '' %}{% endif %}"
    "{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('turns must alternate') }}{% endif %}"
    "{% if message['role'] == 'user' %}{{ '[INST] ' }}"
    "{% if loop.first and system %}{{ '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' }}{% endif %}"
    "{{ message['content'] + ' [/INST]' }}{% else %}{{ ' ' + message['content'] + ' ' + eos_token }}{% endif %}{% endfor %}"
)
CONTROL: Mapping[str, Sequence[str]] = {
    CHATML: ("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    HEADERS: ("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"),
    BRACKETS: ("<s>", "</s>"),
}
_OF = {"LlamaForCausalLM": (HEADERS, "<|eot_id|>", "<|begin_of_text|>"), "MistralForCausalLM": (BRACKETS, "</s>", "<s>")}
TEXTS = ("What does json.dumps do? Serialize obj to a JSON formatted str.", "json.dumps 是做什么的？把对象变成 JSON 文本。") * 8


def config(architecture: str, vocab_size: int, **changes: Any) -> dict[str, Any]:
    """A tiny ``config.json``: two layers, two queries to one key."""
    return {
        "architectures": [architecture],
        "model_type": architecture.removesuffix("ForCausalLM").lower(),
        "vocab_size": vocab_size,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "hidden_act": "silu",
        "tie_word_embeddings": architecture == "Qwen2ForCausalLM",
        "torch_dtype": "float32",
        **changes,
    }


def tokenizer(texts: Iterable[str], control: Sequence[str], vocab_size: int = 400) -> str:
    """``tokenizer.json`` of a byte-level BPE, as the makers of Qwen and Llama 3 have it: control tokens behind the words."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=vocab_size, initial_alphabet=alphabet, show_progress=False))
    made.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in control])
    text: str = made.to_str()
    return text


def folder(
    path: Path, architecture: str = "Qwen2ForCausalLM", *, texts: Iterable[str] = TEXTS, shards: int = 1, seed: int = 1, **changes: Any
) -> Path:
    """A whole folder as a maker would hand it over. shards: weight files. changes: of ``config.json``."""
    import torch

    from libs.models.causal_lm.layouts import layout_of

    template, end, begin = _OF.get(architecture, (CHATML, "<|im_end|>", ""))
    text = tokenizer(texts, CONTROL[template])
    vocabulary = len(json.loads(text)["model"]["vocab"]) + len(CONTROL[template])
    values = config(architecture, vocabulary + 5, **changes)
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(values))
    (path / "tokenizer.json").write_text(text)
    names = {"eos_token": end, "chat_template": template, **({"bos_token": begin} if begin else {})}
    (path / "tokenizer_config.json").write_text(json.dumps(names))
    (path / "LICENSE").write_text("\nApache License 2.0\n\nmore text\n")
    torch.manual_seed(seed)
    network = layout_of(values).network(layout_of(values).shape(values))
    with torch.no_grad():  # far from the flat start, so that every token really looks at the others
        for weight in network.parameters():
            weight.mul_(8) if weight.dim() == 2 else weight.add_(torch.randn_like(weight) * 0.1)
    weights_into(path, network.state_dict(), shards)
    return path


def weights_into(path: Path, weights: Mapping[str, Any], shards: int = 1) -> None:
    """The weights in one file, or in several with their index, replacing what is there."""
    from safetensors.torch import save_file

    for old in path.glob("*.safetensors*"):
        old.unlink()
    if shards == 1:
        save_file(dict(weights), path / "model.safetensors", metadata={"format": "pt"})
        return
    names = sorted(weights)
    files = {f"model-{part + 1:05d}-of-{shards:05d}.safetensors": names[part::shards] for part in range(shards)}
    for file, held in files.items():
        save_file({name: weights[name] for name in held}, path / file, metadata={"format": "pt"})
    index = {"metadata": {}, "weight_map": {name: file for file, held in files.items() for name in held}}
    (path / "model.safetensors.index.json").write_text(json.dumps(index))


@cache
def imports() -> Path:
    """An import root in which space 1 has a checkpoint "tiny", made once for a run of tests."""
    made = ram_folder()
    root = made.__enter__()
    atexit.register(made.__exit__, None, None, None)
    folder(root / "1" / "tiny")
    return root


def arrivals(at: Path) -> Arrivals:
    """What a model service takes checkpoints in with, writing below ``at``."""
    (at / "arrivals").mkdir(parents=True)
    return Arrivals(ArtifactStore(at / "artifacts"), at / "arrivals", imports())
