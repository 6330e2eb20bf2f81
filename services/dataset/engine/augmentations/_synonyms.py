"""Words that may stand for one another nearly anywhere, written for this platform: connecting words, question words, common verbs and
adjectives in forms that agree. A line of one word alone keeps it as it is, and what lies inside it."""

from __future__ import annotations

_EN = """
big, large
small, little
quick, fast, rapid
quickly, rapidly
began, started
begins, starts
shows, displays
showed, displayed
helps, assists
helped, assisted
buy, purchase
buys, purchases
bought, purchased
needed, required
choose, select, pick
chooses, selects, picks
chose, selected, picked
build, construct
builds, constructs
built, constructed
changed, altered, modified
allow, permit
allows, permits
allowed, permitted
answer, reply, response
answers, replies, responses
explain, describe, clarify
explains, describes, clarifies
explained, described, clarified
happen, occur
happens, occurs
happened, occurred
remove, delete
removes, deletes
removed, deleted
checked, verified
error, mistake
errors, mistakes
problem, issue
problems, issues
method, approach
methods, approaches
result, outcome
goal, aim, objective
goals, aims, objectives
example, instance
examples, instances
for example, for instance
part, portion
parts, portions
kinds, types
task, job
tasks, jobs
idea, concept
ideas, concepts
important, essential, crucial
easy, simple
main, primary, chief
whole, entire
correct, accurate
wrong, incorrect
common, frequent
usual, normal
useful, helpful
different, distinct
happy, glad
sad, unhappy
often, frequently
usually, normally, generally
sometimes, occasionally
almost, nearly
roughly, approximately
maybe, perhaps
merely, only
many, numerous
several, various
however, nevertheless, nonetheless
therefore, thus, hence
although, though
even though
as though
in order to, so as to
as well as, along with
at once, immediately, right away
please, kindly
briefly, shortly
clearly, plainly
exactly, precisely
especially, particularly
finally, eventually
completely, entirely, fully
really, truly
suddenly, abruptly
carefully, cautiously
begin with, start with
job title
in part
large language model
big data
fast food
"""

_ZH = """
因为，由于
所以，因此，因而
但是，可是，然而，不过
而且，并且
虽然，尽管
如果，假如，倘若，要是
或者，或是
例如，比如，譬如
如何，怎样，怎么
为什么，为何
什么时候，何时
立即，马上，立刻
已经，早已
经常，时常，常常
有时，有时候
大概，大约，差不多
非常，十分，特别，相当
也许，或许
必须，务必
应该，应当
可以，能够
使用，采用，运用
帮助，协助
结束，完结
快速，迅速，飞快
缓慢，迟缓
巨大，庞大
重要，要紧
简单，容易
困难，艰难
正确，准确
错误，差错
方法，办法，方式
问题，难题
原因，缘由
目的，目标
说明，解释，阐明
告诉，告知
介绍，讲解
描述，叙述
选择，挑选
购买，选购
寻找，查找
检查，核对
删除，去掉
修改，更改，改动
增加，添加
减少，降低
提高，提升
显示，展示
获得，取得，得到
提供，供给
保持，维持
允许，准许
认为，觉得
知道，知晓
喜欢，喜爱
高兴，开心，愉快
难过，伤心
美丽，漂亮
聪明，机灵
全部，所有
一些，若干
许多，很多
各种，种种
主要，首要
特点，特征
区别，差别，差异
优点，长处
缺点，短处
作用，功用
公司，企业
价格，价钱
费用，花费
朋友，友人
父亲，爸爸
母亲，妈妈
孩子，小孩
医生，大夫
老师，教师
今天，今日
明天，明日
昨天，昨日
现在，如今，目前
突然，忽然
渐渐，逐渐
终于，总算
仔细，细心
清楚，明白
请问，想问一下
不过分
不过如此
只不过
十分钟
特别行政区
相当于
有时间
使用者
使用率
目的地
说明书
方法论
方式化
介绍信
可以说
所有制
所有权
所有者
重要性
准确率
准确性
正确率
正确性
老师傅
大夫人
士大夫
明白色
得到位
显示器
目前为止
小孩子
女孩子
男孩子
小朋友
朋友圈
母亲节
父亲节
企业家
错误率
"""

LINES = tuple(line for line in (_EN + _ZH).splitlines() if line)
