"""HTTP for people: routes, composed reads, live progress and the OpenAI-compatible door to deployed models. It owns no records."""
