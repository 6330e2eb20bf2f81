"""Chinese characters that are taken for one another because they sound or look alike, written for this platform: a group a word."""

from __future__ import annotations

_SOUNDS = """
的地得 在再 做作坐座 他她它 以已 像象向 那哪 会汇惠 是事世市式试视适 有又友由右游 到道倒 和合河何核 这着 进近尽 时实识十石食
长常场厂 气汽器 期其奇齐旗 应英影映 名明命鸣 因音阴 意义议易艺忆异 理里礼李力利立历 行形型性幸兴 成程城承诚 决绝觉 工公功攻供
元原员园圆源 方放房防访 分份纷 付负副富复 即既及急级极集 记计技纪季继寄 坚间艰建件见键 教交较叫觉 接街结节 经精京惊 静净竞境镜
就旧救 据具剧距聚 可克刻客课 快块 辆量亮 连联廉 列烈裂 临林 令另领 流留刘 路录陆 没梅煤 门们闷 密蜜 面棉 民敏 末墨默 目木幕
拿哪 年念 怕帕 陪培赔 片骗偏 平评凭 破迫 前钱千签 亲清轻青情 请情晴 求球秋 去趣区 全权泉 确却 然燃 人认任 如入 伤商 上尚 少烧
身深伸 生声升 师失诗 使史始 手首守 受收售 书输舒 数术树 双霜 水睡 说硕 思私司 送宋颂 诉速素 算酸 随虽 所锁 题提 体替 天添 条调
听厅 停庭 通同 图途突 推退 完玩晚 网往忘 为位味未 文闻问 无五午 物务误 系细戏 先现线 相想响 项向 小笑校 些谢写 心新欣 信欣 修休
需须许 续叙 选宣 学雪 讯训迅 言严研 样阳养 要药 业夜叶 一医依 印引 用永勇 于与鱼 语雨 月越 运云 造早 则责 增赠 章张 招找 照召
真针 正整证政 之只知 直值职 指纸止 制治质 中终钟 种重 周州 主住注 助祝 专转 装状 准谆 资姿 自字 总宗 走奏 组祖 最罪
"""
_LOOKS = """
己已巳 未末 人入 土士 日曰 千干于 大太天夫 晴睛 辩辨辫 拔拨 侯候 代伐 折拆 今令 免兔 乌鸟 晓浇绕 买卖 处外 住往 问间闻 贷货
材村 待侍 蓝篮 密蜜 陪倍 部都 博搏 即既 梁粱 刺剌 历厉 竞竟 概慨 检捡 峻竣 募幕墓 弊蔽 戴带 延廷 祥详 徒徙 微徽 析折 喧暄 账帐
"""


def _alike() -> dict[str, str]:
    """Each character -> those it is taken for, in the order of the lists."""
    found: dict[str, str] = {}
    for group in (_SOUNDS + _LOOKS).split():
        for sign in group:
            known = found.get(sign, "")
            found[sign] = known + "".join(other for other in group if other != sign and other not in known)
    return found


ALIKE = _alike()
