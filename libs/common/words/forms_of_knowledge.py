"""Forms of what the app domain says; see forms.py."""

KNOWLEDGE = (
    (r"at most (\d+) records and (\d+) characters of one dataset version", r"一个数据版本最多 \1 条记录、\2 个字符"),
    (r"a version of documents or of questions with answers", "文档类或问答类的数据版本"),
    (r"a document in which something is said", "有内容的文档"),
    (r"no lower than that of its knowledge base, (\w+)", r"不低于所在知识库的密级 \1"),
    (r"at most (\d+) documents and (\d+) passages in a knowledge base", r"一个知识库最多 \1 个文档、\2 个段落"),
    (r"said for one file", "仅用于单个文件"),
    (r"a file of UTF-8 text that can be read", "可读取的 UTF-8 文本文件"),
    (r"a question and an answer in each line", "每行含一个问题与一个答案"),
    (r"a file that ends in (.+)", r"以 \1 结尾的文件"),
)
